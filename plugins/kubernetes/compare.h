/* Quantities of Kubernetes ("500m", "1.5Gi"). Pure; any thread. */
#pragma once
#include <stdbool.h>

/* The values of both; false when one of the texts is none. */
bool compare_quantities(const char *left, const char *right, double *out_left, double *out_right);
