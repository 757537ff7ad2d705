#pragma once
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// OpenSSL spells these as macros or variadic functions, which the Swift importer cannot see.
static inline X509 *flock_SSL_get1_peer_certificate(const SSL *ssl) {
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
    return SSL_get1_peer_certificate(ssl);
#else
    return SSL_get_peer_certificate(ssl);
#endif
}
static inline long flock_BIO_mem_data(BIO *bio, char **out) { return BIO_get_mem_data(bio, out); }
static inline EVP_PKEY *flock_EC_generate(void) { return EVP_EC_gen("P-256"); }
