inno_test(memory LABEL unit LINKS inno_score inno_policy)
target_link_options(test_memory PRIVATE -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc)
