// What the browser clients share: tokens, icons, the platform's side of the core, and a signed-in client at work.

export { default as Icon } from './Icon.vue';
export { default as SignInForm } from './SignInForm.vue';
export * from './icons';
export * from './browser';
export * from './prefs';
export * from './route';
export * from './live';
