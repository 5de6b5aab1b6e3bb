/* Inside core/codec: who gives jansson its memory. Constructors with higher numbers come later. */
#pragma once

#define JSON_MEMORY_FIRST 200 /* json.c: the heap, in every program */
#define JSON_MEMORY_LAST  201 /* json_arena.c: arenas too, in programs that use them */
