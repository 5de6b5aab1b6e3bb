/* Inside core/codec: which type a scalar has under YAML 1.2's core schema (section 10.3.2). */
#pragma once
#include "codec/node.h"

/* Sets kind and value from the node's text, quoting and `tag` (NULL: none). Returns NULL, or what is wrong ("is out of range"). */
const char *yaml_resolve_scalar(struct node *node, const char *tag);
