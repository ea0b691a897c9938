// Whether this is a phone: below this width rows become cards.

import { onUnmounted, ref } from 'vue';

export const PHONE = '(max-width: 760px)';

export function usePhone() {
  const media = window.matchMedia(PHONE);
  const phone = ref(media.matches);
  const look = () => { phone.value = media.matches; };
  // Safari before 14 knows only the older name; a desk that old is not turned.
  media.addEventListener?.('change', look);
  onUnmounted(() => media.removeEventListener?.('change', look));
  return phone;
}
