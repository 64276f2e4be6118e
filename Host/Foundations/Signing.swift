internal import CCrypto

/// Ed25519 signatures (RFC 8032): who holds the seed signs, and anybody with the public key can tell.
public enum Ed25519 {
    /// 32 bytes that may be given to anybody; its text is `ed25519:` and 64 hexadecimal digits.
    public struct PublicKey: Hashable, Sendable, CustomStringConvertible {
        public let bytes: [UInt8]

        fileprivate init(_ bytes: [UInt8]) { self.bytes = bytes }

        /// A key from its text, or nil when that is not one.
        public init?(_ text: String) {
            guard text.hasPrefix(Self.prefix), let bytes = Hex.decode(String(text.dropFirst(Self.prefix.count))),
                bytes.count == 32
            else { return nil }
            self.bytes = bytes
        }

        public var description: String { Self.prefix + Hex.encode(bytes) }

        /// SHA-256 of the 32 bytes: short enough to read out, and to compare by.
        public var fingerprint: String { SHA256.hash(bytes).hex }

        /// Whether the signature (64 bytes) is this key's over these bytes.
        public func verifies(_ signature: [UInt8], over bytes: [UInt8]) -> Bool {
            signature.count == 64 && ccrypto_ed25519_verify(self.bytes, bytes, bytes.count, signature) == 1
        }

        private static let prefix = "ed25519:"
    }

    /// A key pair, made from 32 secret bytes. It is never printed.
    public struct SigningKey: Sendable {
        public let publicKey: PublicKey
        private let seed: [UInt8]

        /// Nil when the seed does not have 32 bytes, or the library refuses it.
        public init?(seed: [UInt8]) {
            var out = [UInt8](repeating: 0, count: 32)
            guard seed.count == 32, ccrypto_ed25519_public(seed, &out) == 1 else { return nil }
            self.seed = seed
            publicKey = PublicKey(out)
        }

        /// 64 bytes, the same for the same bytes; nil when the library has no memory.
        public func sign(_ bytes: [UInt8]) -> [UInt8]? {
            var out = [UInt8](repeating: 0, count: 64)
            return ccrypto_ed25519_sign(seed, bytes, bytes.count, &out) == 1 ? out : nil
        }
    }
}
