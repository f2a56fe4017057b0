/** The ends of Java's int and long, which Kafka uses for "no limit". A long's is 2^63 as a number; it prints as 2^63-1. */
export const INT_MAX = 2147483647
export const LONG_MAX = 2 ** 63
