import './vant.css';
import '@graborder/look/tokens.css';
import './store.css';
import { applyPrefs } from '@graborder/look';
import { createApp } from 'vue';
import App from './App.vue';

applyPrefs();
createApp(App).mount('#app');
