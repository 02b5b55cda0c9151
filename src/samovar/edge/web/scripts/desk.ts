// What makes the back rooms quicker: keys and choosing many at once. They work without it.
export {};

document.documentElement.classList.add("desk-js");
