// Everything here makes pages nicer; nothing here is needed. Pages work without scripts.
import "./wire";
import "./composer";
import "./dialogs";
import "./forms";
import "./keyboard";
import "./menus";
import "./place";
import "./posts";
import "./push";
import "./theme";
import "./times";
import "./toasts";

document.documentElement.classList.add("js");
