import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

/** One node of OpenSearch for tests: OpenSearchNode CONFIGURATION. */
public final class OpenSearchNode extends Node {
  private OpenSearchNode(Settings settings) {
    super(
        InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "one"),
        List.of(Netty4Plugin.class, CommonAnalysisPlugin.class),
        true);
  }

  public static void main(String[] arguments) throws Exception {
    Settings settings = Settings.builder().loadFromPath(Path.of(arguments[0])).build();
    OpenSearchNode node = new OpenSearchNode(settings);
    CountDownLatch end = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node, end)));
    node.start();
    end.await();
  }

  private static void close(Node node, CountDownLatch end) {
    try {
      node.close();
    } catch (Exception error) {
      error.printStackTrace();
    } finally {
      end.countDown();
    }
  }
}
