/* SHA256_* are the low-level calls: EVP costs an allocation a digest, and a keyed pseudonym is made for every value. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ccrypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(ccrypto_sha256), "ccrypto_sha256 is too small");

void ccrypto_sha256_init(ccrypto_sha256 *state) {
  SHA256_Init((SHA256_CTX *)(void *)state);
}

void ccrypto_sha256_update(ccrypto_sha256 *state, const void *data, size_t size) {
  if (size > 0) SHA256_Update((SHA256_CTX *)(void *)state, data, size);
}

void ccrypto_sha256_final(ccrypto_sha256 *state, uint8_t out[32]) {
  SHA256_Final(out, (SHA256_CTX *)(void *)state);
}

void ccrypto_hmac_key_init(ccrypto_hmac_key *key, const void *bytes, size_t size) {
  uint8_t block[64] = {0};
  if (size > sizeof(block)) {
    ccrypto_sha256 state;
    ccrypto_sha256_init(&state);
    ccrypto_sha256_update(&state, bytes, size);
    ccrypto_sha256_final(&state, block);
  } else if (size > 0) {
    memcpy(block, bytes, size);
  }
  uint8_t pad[64];
  for (size_t i = 0; i < sizeof(block); i++) pad[i] = block[i] ^ 0x36;
  ccrypto_sha256_init(&key->inner);
  ccrypto_sha256_update(&key->inner, pad, sizeof(pad));
  for (size_t i = 0; i < sizeof(block); i++) pad[i] = block[i] ^ 0x5c;
  ccrypto_sha256_init(&key->outer);
  ccrypto_sha256_update(&key->outer, pad, sizeof(pad));
  OPENSSL_cleanse(block, sizeof(block));
  OPENSSL_cleanse(pad, sizeof(pad));
}

void ccrypto_hmac(const ccrypto_hmac_key *key, const void *data, size_t size, uint8_t out[32]) {
  ccrypto_sha256 state = key->inner;
  uint8_t digest[32];
  ccrypto_sha256_update(&state, data, size);
  ccrypto_sha256_final(&state, digest);
  state = key->outer;
  ccrypto_sha256_update(&state, digest, sizeof(digest));
  ccrypto_sha256_final(&state, out);
}

int ccrypto_hkdf(const void *key, size_t key_size, const void *salt, size_t salt_size, const void *info, size_t info_size,
                 uint8_t *out, size_t out_size) {
  if (out_size > 255 * 32) return 0;
  uint8_t pseudorandom[32];
  ccrypto_hmac_key hmac;
  ccrypto_hmac_key_init(&hmac, salt, salt_size);
  ccrypto_hmac(&hmac, key, key_size, pseudorandom);
  ccrypto_hmac_key_init(&hmac, pseudorandom, sizeof(pseudorandom));
  uint8_t block[32];
  size_t done = 0;
  for (uint8_t counter = 1; done < out_size; counter++) {
    ccrypto_sha256 state = hmac.inner;
    uint8_t digest[32];
    if (counter > 1) ccrypto_sha256_update(&state, block, sizeof(block));
    ccrypto_sha256_update(&state, info, info_size);
    ccrypto_sha256_update(&state, &counter, 1);
    ccrypto_sha256_final(&state, digest);
    state = hmac.outer;
    ccrypto_sha256_update(&state, digest, sizeof(digest));
    ccrypto_sha256_final(&state, block);
    size_t take = out_size - done < sizeof(block) ? out_size - done : sizeof(block);
    memcpy(out + done, block, take);
    done += take;
  }
  OPENSSL_cleanse(pseudorandom, sizeof(pseudorandom));
  OPENSSL_cleanse(block, sizeof(block));
  OPENSSL_cleanse(&hmac, sizeof(hmac));
  return 1;
}

int ccrypto_aes256gcm_seal(const uint8_t key[32], const uint8_t nonce[12], const void *aad, size_t aad_size,
                           const void *plain, size_t size, uint8_t *out, uint8_t tag[16]) {
  if (size > 0x7fffffff || aad_size > 0x7fffffff) return 0;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  if (context == NULL) return 0;
  int written = 0;
  int ok = EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
           (aad_size == 0 || EVP_EncryptUpdate(context, NULL, &written, aad, (int)aad_size) == 1) &&
           (size == 0 || EVP_EncryptUpdate(context, out, &written, plain, (int)size) == 1) &&
           EVP_EncryptFinal_ex(context, out + size, &written) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, tag) == 1;
  EVP_CIPHER_CTX_free(context);
  return ok;
}

int ccrypto_aes256gcm_open(const uint8_t key[32], const uint8_t nonce[12], const void *aad, size_t aad_size,
                           const void *sealed, size_t size, const uint8_t tag[16], uint8_t *out) {
  if (size > 0x7fffffff || aad_size > 0x7fffffff) return 0;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  if (context == NULL) return 0;
  int written = 0;
  uint8_t expected[16];
  memcpy(expected, tag, sizeof(expected));
  int ok = EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
           (aad_size == 0 || EVP_DecryptUpdate(context, NULL, &written, aad, (int)aad_size) == 1) &&
           (size == 0 || EVP_DecryptUpdate(context, out, &written, sealed, (int)size) == 1) &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, 16, expected) == 1 &&
           EVP_DecryptFinal_ex(context, out + size, &written) == 1;
  EVP_CIPHER_CTX_free(context);
  if (!ok && size > 0) OPENSSL_cleanse(out, size);
  return ok;
}

int ccrypto_ed25519_public(const uint8_t seed[32], uint8_t out[32]) {
  EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
  size_t size = 32;
  int ok = key != NULL && EVP_PKEY_get_raw_public_key(key, out, &size) == 1 && size == 32;
  EVP_PKEY_free(key);
  return ok;
}

int ccrypto_ed25519_sign(const uint8_t seed[32], const void *data, size_t size, uint8_t out[64]) {
  EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  size_t written = 64;
  int ok = key != NULL && context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
           EVP_DigestSign(context, out, &written, data, size) == 1 && written == 64;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return ok;
}

int ccrypto_ed25519_verify(const uint8_t key[32], const void *data, size_t size, const uint8_t signature[64]) {
  EVP_PKEY *public_key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, 32);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  int ok = public_key != NULL && context != NULL &&
           EVP_DigestVerifyInit(context, NULL, NULL, NULL, public_key) == 1 &&
           EVP_DigestVerify(context, signature, 64, data, size) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(public_key);
  return ok;
}

int ccrypto_equal(const void *a, const void *b, size_t size) {
  return CRYPTO_memcmp(a, b, size) == 0;
}
