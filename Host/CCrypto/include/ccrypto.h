/* Thin C face over OpenSSL's libcrypto: what the host needs, with sizes fixed and no allocation per call. */
#ifndef SLUICE_CCRYPTO_H
#define SLUICE_CCRYPTO_H

#include <stddef.h>
#include <stdint.h>

/* State of one SHA-256 computation. Opaque; copyable as bytes. */
typedef struct ccrypto_sha256 {
  uint64_t words[16];
} ccrypto_sha256;

void ccrypto_sha256_init(ccrypto_sha256 *state);
void ccrypto_sha256_update(ccrypto_sha256 *state, const void *data, size_t size);
void ccrypto_sha256_final(ccrypto_sha256 *state, uint8_t out[32]);

/* HMAC-SHA-256 (RFC 2104) with the key's two blocks absorbed once. */
typedef struct ccrypto_hmac_key {
  ccrypto_sha256 inner;
  ccrypto_sha256 outer;
} ccrypto_hmac_key;

void ccrypto_hmac_key_init(ccrypto_hmac_key *key, const void *bytes, size_t size);
void ccrypto_hmac(const ccrypto_hmac_key *key, const void *data, size_t size, uint8_t out[32]);

/* HKDF-SHA-256 (RFC 5869). 1 on success; 0 when out_size > 255 * 32. */
int ccrypto_hkdf(const void *key, size_t key_size, const void *salt, size_t salt_size, const void *info, size_t info_size,
                 uint8_t *out, size_t out_size);

/* AES-256-GCM (NIST SP 800-38D), 12-byte nonce, 16-byte tag. `out` has room for `size` bytes. 1 on success. */
int ccrypto_aes256gcm_seal(const uint8_t key[32], const uint8_t nonce[12], const void *aad, size_t aad_size,
                           const void *plain, size_t size, uint8_t *out, uint8_t tag[16]);
int ccrypto_aes256gcm_open(const uint8_t key[32], const uint8_t nonce[12], const void *aad, size_t aad_size,
                           const void *sealed, size_t size, const uint8_t tag[16], uint8_t *out);

/* Ed25519 (RFC 8032): a private key is its 32-byte seed, a public key 32 bytes, a signature 64. 1 on success; of verify:
   when the signature is that key's over those bytes. */
int ccrypto_ed25519_public(const uint8_t seed[32], uint8_t out[32]);
int ccrypto_ed25519_sign(const uint8_t seed[32], const void *data, size_t size, uint8_t out[64]);
int ccrypto_ed25519_verify(const uint8_t key[32], const void *data, size_t size, const uint8_t signature[64]);

/* 1 when the two are equal; time does not depend on where they differ. */
int ccrypto_equal(const void *a, const void *b, size_t size);

#endif
