// What the browser clients share: tokens, icons, the platform's side of the core, and a signed-in client at work.

export { default as Icon } from './Icon.vue';
export { default as Door } from './Door.vue';
export { default as SignInForm } from './SignInForm.vue';
export { default as RegisterForm } from './RegisterForm.vue';
export { default as NewPassword } from './NewPassword.vue';
export { default as Devices } from './Devices.vue';
export { default as Bindings } from './Bindings.vue';
export * from './icons';
export * from './browser';
export * from './prefs';
export * from './address';
export * from './route';
export * from './live';
