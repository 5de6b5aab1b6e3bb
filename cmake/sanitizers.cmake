# -DINNO_SANITIZE=address,undefined (or thread) builds and links everything with those sanitizers.
if(INNO_SANITIZE)
  add_compile_options(-fsanitize=${INNO_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${INNO_SANITIZE})
endif()
