/* The catalogue of errors. */
#pragma once
#include "cli/command.h"

/* Prints a code's page. */
void about_explain(struct cli *c, enum err_code code);
