/* The command line: every verb of `innominatus` but `serve`. Main thread. */
#pragma once

/* Runs one command; argv[0] is the program. Returns the exit code: 0 fine, 1 failed, 2 usage, 3 validation errors, 4 denied,
 * 5 not found, 6 unreachable. */
int cli_main(int argc, char **argv);
