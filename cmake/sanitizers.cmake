# -DINNO_SANITIZE=address,undefined (or thread) builds and links everything with those sanitizers.
if(INNO_SANITIZE)
  add_compile_options(-fsanitize=${INNO_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${INNO_SANITIZE})
endif()

# -DINNO_FUZZ=libfuzzer (clang) or afl (CC=afl-clang-fast): tests/fuzz/ is linked with that engine instead of its own driver.
if(INNO_FUZZ STREQUAL libfuzzer)
  add_compile_options(-fsanitize=fuzzer-no-link)
elseif(INNO_FUZZ AND NOT INNO_FUZZ STREQUAL afl)
  message(FATAL_ERROR "INNO_FUZZ is libfuzzer or afl, not ${INNO_FUZZ}")
endif()
