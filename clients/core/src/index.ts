// What every client shares, whatever draws it: frames, session, clock, claim ledger, views, words and numbers.

export * from './frames';
export * from './bodies';

export * from './ids';
export * from './clock';
export * from './backoff';
export * from './session';
export * from './ledger';
export * from './api';

export * from './round';
export * from './view';
export * from './history';

export * from './texts';
export * from './zone';
export * from './device';
export * from './wecom';
export * from './reasons';
export * from './format';
