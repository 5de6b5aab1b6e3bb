/* YAML 1.2 text as JSON values: kubeconfigs and manifests. Merge keys and tags of one's own are refused; 0644 is octal, as it is in every
 * manifest that was written for YAML 1.1. Pure; any thread. */
#pragma once
#include <jansson.h>

#define YAML_READ_DEPTH 64                   /* nesting */
#define YAML_READ_NODES 200000               /* values, those of aliases counted as often as they are used */
#define YAML_READ_BYTES (8u * 1024u * 1024u) /* of the text, and of all that aliases stand for */

/* The documents of `text`; empty ones are left out. New reference, NULL with the reason in `why`, which names the line. */
json_t *yaml_read(const char *text, size_t len, char *why, size_t why_size);
