import CCrypto
import Foundations
import Testing

@Suite struct `Cryptography` {
    @Test(
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
                "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
            ),
        ])
    func `SHA-256 gives FIPS 180-4's digests`(_ text: String, _ digest: String) {
        #expect(SHA256.hash(text).hex == digest)
    }

    @Test func `SHA-256 of one million a, in pieces of every size`() throws {
        let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        #expect(SHA256.hash(million).hex == expected)
        var hasher = SHA256()
        var at = 0
        var piece = 0
        while at < million.count {
            let end = min(million.count, at + piece)
            hasher.update(Array(million[at..<end]))
            at = end
            piece = (piece * 7 + 1) % 1031
        }
        #expect(hasher.digest().hex == expected)
    }

    @Test func `A digest can be taken half-way, and its text read back`() throws {
        var hasher = SHA256()
        hasher.update(Array("a".utf8))
        #expect(hasher.digest() == SHA256.hash("a"))
        hasher.update(Array("bc".utf8))
        #expect(hasher.digest() == SHA256.hash("abc"))
        let digest = SHA256.hash("abc")
        #expect(SHA256.Digest(hex: digest.hex) == digest)
        #expect(SHA256.Digest(hex: digest.hex.uppercased()) == digest)
        for bad in ["", "00", digest.hex + "0", String(digest.hex.dropLast()) + "g"] {
            #expect(SHA256.Digest(hex: bad) == nil, "\(bad)")
        }
    }

    @Test(
        arguments: [
            (
                String(repeating: "0b", count: 20), "4869205468657265",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
            ),
            (
                "0102030405060708090a0b0c0d0e0f10111213141516171819", String(repeating: "cd", count: 50),
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
            ),
            (
                String(repeating: "0c", count: 20), "546573742057697468205472756e636174696f6e",
                "a3b6167473100ee06e0c796c2955552b"
            ),
            (
                String(repeating: "aa", count: 131),
                "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            (
                String(repeating: "aa", count: 131),
                "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e642061"
                    + "206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f20626520686173686564"
                    + "206265666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
            ),
        ])
    func `HMAC-SHA-256 gives RFC 4231's codes`(_ key: String, _ data: String, _ code: String) throws {
        let made = Hex.encode(HMACKey(try hex(key)).authenticate(try hex(data)))
        #expect(made.hasPrefix(code))
        #expect(made.utf8.count == 64)
    }

    @Test(
        arguments: [
            (
                String(repeating: "0b", count: 22), "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
            ),
            (
                Hex.encode(0x00...0x4F), Hex.encode(0x60...0xAF), Hex.encode(0xB0...0xFF),
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8"
                    + "367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
            ),
            (
                String(repeating: "0b", count: 22), "", "",
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
            ),
        ])
    func `HKDF-SHA-256 gives RFC 5869's keys`(_ key: String, _ salt: String, _ info: String, _ derived: String) throws {
        let (key, salt, info) = (try hex(key), try hex(salt), try hex(info))
        var out = [UInt8](repeating: 0, count: derived.utf8.count / 2)
        #expect(ccrypto_hkdf(key, key.count, salt, salt.count, info, info.count, &out, out.count) == 1)
        #expect(Hex.encode(out) == derived)
        if info.isEmpty { #expect(Sealing.derive(from: key, salt: salt, purpose: "", count: out.count) == out) }
    }

    @Test func `A derived key belongs to one purpose, salt and master key`() {
        let master = [UInt8](repeating: 7, count: 32)
        let keys = [
            Sealing.derive(from: master, purpose: "a"), Sealing.derive(from: master, purpose: "b"),
            Sealing.derive(from: master, salt: [1], purpose: "a"),
            Sealing.derive(from: master.map { $0 + 1 }, purpose: "a"),
        ]
        #expect(Set(keys).count == keys.count)
        #expect(Sealing.derive(from: master, purpose: "a") == keys[0])
        #expect(Sealing.derive(from: master, purpose: "a", count: 8160).prefix(32) == keys[0][...])
    }

    @Suite struct `AES-256-GCM` {
        let key: [UInt8]
        let nonce: [UInt8]
        let plain: [UInt8]
        let context: [UInt8]
        let box: [UInt8]

        /// Test case 16 of McGrew and Viega, which NIST's validation takes over.
        init() throws {
            let half = "feffe9928665731c6d6a8f9467308308"
            key = try hex(half + half)
            nonce = try hex("cafebabefacedbaddecaf888")
            plain = try hex(
                "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
            )
            context = try hex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
            box = try #require(Sealing.seal(plain, key: key, nonce: nonce, context: context))
        }

        @Test func `seals as the published vector says`() throws {
            let sealed =
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
            #expect(Hex.encode(box) == Hex.encode(nonce) + sealed + "76fc6ece0f4e1768cddf8853bb2d551b")
        }

        @Test func `opens its own box`() { #expect(Sealing.open(box, key: key, context: context) == plain) }

        @Test func `refuses another context, another key, and a box with any bit changed`() {
            #expect(Sealing.open(box, key: key, context: context + [0]) == nil)
            #expect(Sealing.open(box, key: key, context: []) == nil)
            #expect(Sealing.open(box, key: [1] + key.dropFirst(), context: context) == nil)
            for at in box.indices {
                for bit in 0..<8 {
                    var changed = box
                    changed[at] ^= 1 << UInt8(bit)
                    #expect(Sealing.open(changed, key: key, context: context) == nil, "byte \(at), bit \(bit)")
                }
            }
            for count in 0..<box.count {
                #expect(Sealing.open(Array(box.prefix(count)), key: key, context: context) == nil)
            }
        }

        @Test func `refuses keys and nonces of another length`() {
            #expect(Sealing.seal(plain, key: Array(key.dropLast()), nonce: nonce, context: []) == nil)
            #expect(Sealing.seal(plain, key: key, nonce: nonce + [0], context: []) == nil)
            #expect(Sealing.open(box, key: key + [0], context: context) == nil)
        }

        @Test func `seals nothing at all, and still authenticates`() throws {
            let empty = try #require(Sealing.seal([], key: key, nonce: nonce, context: context))
            #expect(empty.count == 28)
            #expect(Sealing.open(empty, key: key, context: context) == [])
            #expect(Sealing.open(empty, key: key, context: []) == nil)
        }
    }

    @Test func `Comparison in constant time is comparison`() {
        #expect(Sealing.equal([], []))
        #expect(Sealing.equal([1, 2], [1, 2]))
        #expect(!Sealing.equal([1, 2], [1, 3]))
        #expect(!Sealing.equal([1, 2], [1]))
    }

    @Test func `Hexadecimal text goes both ways and refuses the rest`() {
        let all = (UInt8.min...UInt8.max).map { $0 }
        #expect(Hex.decode(Hex.encode(all)) == all)
        #expect(Hex.decode("00FFaB") == [0, 255, 171])
        for bad in ["0", "0g", " 0", "é", "0x00"] { #expect(Hex.decode(bad) == nil, "\(bad)") }
    }
}
