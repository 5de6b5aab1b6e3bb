# Every third-party library, found once; a module names the ones it may link (see core/CMakeLists.txt).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
foreach(entry
    yaml:yaml-0.1 jansson:jansson pq:libpq sqlite:sqlite3 mhd:libmicrohttpd crypto:libcrypto
    ffi:libffi lua:lua5.4 curl:libcurl elf:libelf)
  string(REPLACE ":" ";" pair ${entry})
  list(GET pair 0 name)
  list(GET pair 1 module)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${module})
  add_library(lib::${name} ALIAS PkgConfig::${name})
endforeach()
# Debian's libargon2 has a pkg-config file, some other systems' does not.
find_library(ARGON2_LIBRARY argon2 REQUIRED)
find_path(ARGON2_INCLUDE argon2.h REQUIRED)
add_library(lib::argon2 INTERFACE IMPORTED)
target_link_libraries(lib::argon2 INTERFACE ${ARGON2_LIBRARY})
target_include_directories(lib::argon2 INTERFACE ${ARGON2_INCLUDE})
if(BUILD_TESTING)
  find_library(CUNIT_LIBRARY cunit REQUIRED)
  add_library(lib::cunit INTERFACE IMPORTED)
  target_link_libraries(lib::cunit INTERFACE ${CUNIT_LIBRARY})
endif()
