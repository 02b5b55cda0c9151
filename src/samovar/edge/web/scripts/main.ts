// Everything here makes pages nicer; nothing here is needed. Pages work without scripts.
import "./wire";
import "./acts";
import "./composer";
import "./dialogs";
import "./forms";
import "./keyboard";
import "./live";
import "./menus";
import "./place";
import "./posts";
import "./push";
import "./theme";
import "./times";
import "./toasts";

document.documentElement.classList.add("js");
