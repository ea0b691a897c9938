// Parts of the page that are fetched when they are first shown.

import { defineAsyncComponent, type Component } from 'vue';
import Loading from './Loading.vue';
import LoadFailed from './LoadFailed.vue';

export const lazy = (loader: () => Promise<{ default: Component }>) =>
  defineAsyncComponent({ loader, delay: 150, loadingComponent: Loading, errorComponent: LoadFailed });
