internal import CCrypto

/// SHA-256 (FIPS 180-4), over whole buffers or in pieces.
public struct SHA256: Sendable {
    /// 32 bytes; its text is 64 lower-case hexadecimal digits.
    public struct Digest: Hashable, Sendable, CustomStringConvertible {
        public let bytes: [UInt8]

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        /// A digest from its text, or nil when that is not 64 hexadecimal digits.
        public init?(hex: String) {
            guard hex.utf8.count == 64, let bytes = Hex.decode(hex) else { return nil }
            self.bytes = bytes
        }

        public var hex: String { Hex.encode(bytes) }
        public var description: String { hex }
    }

    private var state = ccrypto_sha256()

    public init() { ccrypto_sha256_init(&state) }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        ccrypto_sha256_update(&state, bytes.baseAddress, bytes.count)
    }

    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The digest of all that was given so far; the computation may go on.
    public func digest() -> Digest {
        var copy = state
        var out = [UInt8](repeating: 0, count: 32)
        ccrypto_sha256_final(&copy, &out)
        return Digest(out)
    }

    public static func hash(_ bytes: [UInt8]) -> Digest {
        var hasher = SHA256()
        hasher.update(bytes)
        return hasher.digest()
    }

    public static func hash(_ text: String) -> Digest { hash(Array(text.utf8)) }
}

/// A key for HMAC-SHA-256 (RFC 2104), ready to make many short pseudonyms.
public struct HMACKey: Sendable {
    private var key = ccrypto_hmac_key()

    public init(_ bytes: [UInt8]) { bytes.withUnsafeBytes { ccrypto_hmac_key_init(&key, $0.baseAddress, $0.count) } }

    public func authenticate(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { authenticate($0) } }

    public func authenticate(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 32)
        authenticate(bytes, into: &out)
        return out
    }

    /// As `authenticate`, into 32 bytes that the caller keeps.
    public func authenticate(_ bytes: UnsafeRawBufferPointer, into out: inout [UInt8]) {
        precondition(out.count >= 32)
        withUnsafePointer(to: key) { ccrypto_hmac($0, bytes.baseAddress, bytes.count, &out) }
    }
}

/// Key derivation and sealed boxes.
public enum Sealing {
    /// HKDF-SHA-256 (RFC 5869): `count` bytes (at most 8160) derived from a master key for one purpose.
    public static func derive(from key: [UInt8], salt: [UInt8] = [], purpose: String, count: Int = 32) -> [UInt8] {
        precondition(count > 0 && count <= 255 * 32)
        var out = [UInt8](repeating: 0, count: count)
        let info = Array(purpose.utf8)
        _ = ccrypto_hkdf(key, key.count, salt, salt.count, info, info.count, &out, count)
        return out
    }

    /// AES-256-GCM: nonce (12 bytes) + ciphertext + tag (16 bytes). `context` is authenticated, not stored.
    ///
    /// The nonce must never repeat under one key; take it from the system's random source.
    public static func seal(_ plain: [UInt8], key: [UInt8], nonce: [UInt8], context: [UInt8]) -> [UInt8]? {
        guard key.count == 32, nonce.count == 12 else { return nil }
        var out = [UInt8](repeating: 0, count: plain.count + 1)
        var tag = [UInt8](repeating: 0, count: 16)
        let done = ccrypto_aes256gcm_seal(key, nonce, context, context.count, plain, plain.count, &out, &tag)
        guard done == 1 else { return nil }
        return nonce + out.prefix(plain.count) + tag
    }

    /// The plain bytes, or nil when box, key or context are not those of `seal`.
    public static func open(_ box: [UInt8], key: [UInt8], context: [UInt8]) -> [UInt8]? {
        guard key.count == 32, box.count >= 28 else { return nil }
        let nonce = Array(box.prefix(12))
        let sealed = Array(box[12..<(box.count - 16)])
        let tag = Array(box.suffix(16))
        var out = [UInt8](repeating: 0, count: sealed.count + 1)
        let done = ccrypto_aes256gcm_open(key, nonce, context, context.count, sealed, sealed.count, tag, &out)
        return done == 1 ? Array(out.prefix(sealed.count)) : nil
    }

    /// Whether two byte strings are equal, in time that does not depend on where they differ.
    public static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.count == b.count && ccrypto_equal(a, b, a.count) == 1
    }
}
