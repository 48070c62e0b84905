/* What somebody would slip under a program with LD_PRELOAD. */
int slipped_in(int value) { return value + 1; }
