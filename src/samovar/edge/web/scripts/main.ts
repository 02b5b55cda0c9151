// Everything here makes pages nicer; nothing here is needed. Pages work without scripts.
import "./wire";
import "./composer";
import "./dialogs";
import "./files";
import "./forms";
import "./keyboard";
import "./menus";
import "./place";
import "./posts";
import "./theme";
import "./times";
import "./toasts";
import "./viewer";

document.documentElement.classList.add("js");
