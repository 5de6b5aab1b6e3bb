/* The list of the store's tests; db.h has the sentences. */
#include "db.h"

#define ENTRY(name, sentence) {sentence, test_##name},
const struct test_case tests[] = {
    TEST_LIST(ENTRY)
#ifdef TEST_POSTGRES
        TEST_POSTGRESQL(ENTRY)
#else
        TEST_SQLITE(ENTRY)
#endif
            {0},
};
