// Everything here makes pages nicer; nothing here is needed. Pages work without scripts.
import "./wire";
import "./acts";
import "./composer";
import "./dialogs";
import "./files";
import "./forms";
import "./keyboard";
import "./live";
import "./menus";
import "./place";
import "./posts";
import "./push";
import "./search";
import "./seen";
import "./theme";
import "./times";
import "./toasts";
import "./viewer";

document.documentElement.classList.add("js");
