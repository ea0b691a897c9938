// Who is shown which door. The server decides (`src/auth/permission.rs`, which a test holds against this); a door that would
// be refused is not shown.

import type { Role } from '@graborder/core';

export const HOLDERS = {
  SeeRounds: ['store_staff', 'store_manager', 'supervisor', 'admin'],
  SeeBoard: ['supervisor', 'admin'],
  DraftRound: ['supervisor'],
  PublishRound: ['supervisor'],
  SteerRound: ['supervisor', 'admin'],
  SeeOrders: ['store_staff', 'store_manager', 'supervisor', 'finance', 'admin'],
  CancelOrder: ['store_manager', 'supervisor', 'admin'],
  SeeShipments: ['warehouse_clerk', 'supervisor', 'admin'],
  Dispatch: ['warehouse_clerk'],
  SeeStores: ['supervisor', 'finance', 'admin'],
  SuspendStore: ['supervisor', 'admin'],
  SetCredit: ['finance'],
  SeeCatalogue: ['supervisor', 'warehouse_clerk', 'finance', 'admin'],
  SeeStock: ['supervisor', 'warehouse_clerk', 'admin'],
  SeeUsers: ['store_manager', 'admin'],
  SeeAdminActions: ['admin'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof HOLDERS;

export const mayAs = (role: Role, permission: Permission): boolean => (HOLDERS[permission] as readonly Role[]).includes(role);
