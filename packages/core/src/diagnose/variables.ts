/** Where `inside.ts` finds its orders: JSON. */
export const ordersVariable = 'GLOVEBOX_TRIAL_ORDERS'
