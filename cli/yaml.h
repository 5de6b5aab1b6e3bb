/* JSON values as YAML 1.2. Pure. */
#pragma once
#include "base/buf.h"
#include "codec/json.h"

/* Appends `value` as a block document that ends with a line end; what reads back is equal to it. */
void yaml_emit(const json_t *value, struct buf *to);
