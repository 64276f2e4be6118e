internal import Foundations

/// Addresses and keys of blockchains, by their checksums.
enum CryptoAddresses {
    /// The address that the letters and digits around `place` are; the first digit among them stands there.
    static func entity(_ text: Text, at place: Int) -> Entity? {
        var start = place
        while start > 0, place - start < 64, text.isASCIILetter(start - 1) { start -= 1 }
        guard !text.isDigit(start - 1) else { return nil }
        if text.at(start - 1) == 0x5C, start < place, [0x6E, 0x72, 0x74].contains(text[start]) { start += 1 }
        var end = place
        while end < text.count, end - start <= 112, text.isDigit(end) || text.isASCIILetter(end) { end += 1 }
        let count = end - start
        guard (25...111).contains(count), !text.isWord(start - 1) || text.at(start - 2) == 0x5C, !text.isWord(end)
        else {
            return nil
        }
        let token = (start..<end).map { text[$0] }
        let found: (EntityType, String)? =
            switch token[0] {
            case 0x30 where token[1] | 0x20 == 0x78: ethereum(token, text, start)
            case 0x34 where count == 95 || count == 106, 0x38 where count == 95: monero(token)
            default: base58Check(token) ?? bech32(token) ?? solana(token, text, start)
            }
        return found.map {
            Entity(type: $0.0, start: start, end: end, score: $0.1 == "word" ? 0.75 : 0.98, evidence: $0.1)
        }
    }

    // MARK: Base58

    private static let bitcoinAlphabet = values("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
    private static let rippleAlphabet = values("rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz")

    private static func values(_ alphabet: String) -> [UInt8] {
        var values = [UInt8](repeating: 255, count: 128)
        for (value, byte) in alphabet.utf8.enumerated() { values[Int(byte)] = UInt8(value) }
        return values
    }

    private static func decode(_ token: some Collection<UInt8>, _ alphabet: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        var zeros = 0
        var isLeading = true
        for sign in token {
            let value = sign < 128 ? alphabet[Int(sign)] : 255
            guard value < 58 else { return nil }
            if isLeading, value == 0 { zeros += 1 } else { isLeading = false }
            var carry = Int(value)
            for place in 0..<bytes.count {
                carry += Int(bytes[place]) * 58
                bytes[place] = UInt8(carry & 255)
                carry >>= 8
            }
            while carry > 0 {
                bytes.append(UInt8(carry & 255))
                carry >>= 8
            }
        }
        return [UInt8](repeating: 0, count: zeros) + bytes.reversed()
    }

    /// Version, payload, and the first four bytes of a double SHA-256.
    private static func base58Check(_ token: [UInt8]) -> (EntityType, String)? {
        let isRipple = token[0] == 0x72 && token.count <= 35
        let isLength = token.count <= 36 || (51...52).contains(token.count) || token.count == 111
        guard isLength, isRipple || "123LMDA9TX7tmnc5Kx".utf8.contains(token[0]),
            let bytes = decode(token, isRipple ? rippleAlphabet : bitcoinAlphabet), bytes.count > 20
        else { return nil }
        let body = bytes.dropLast(4)
        let digest = SHA256.hash(SHA256.hash(Array(body)).bytes).bytes
        guard digest.prefix(4).elementsEqual(bytes.suffix(4)) else { return nil }
        switch bytes.count {
        case 25, 26: return (.cryptoAddress, "check digits")
        // Private keys for a wallet's import, and whole trees of them (BIP 32).
        case 37, 38: return bytes[0] == 0x80 || bytes[0] == 0xEF || bytes[0] == 0xB0 ? (.apiKey, "private key") : nil
        case 82: return (token[3] == 0x76 ? .apiKey : .cryptoAddress, token[3] == 0x76 ? "private key" : "check digits")
        default: return nil
        }
    }

    /// 32 bytes without check digits: a word has to name them.
    private static func solana(_ token: [UInt8], _ text: Text, _ start: Int) -> (EntityType, String)? {
        guard (32...44).contains(token.count), let bytes = decode(token, bitcoinAlphabet), bytes.count == 32,
            Naming.before(text, start).contains(.crypto)
        else { return nil }
        return (.cryptoAddress, "word")
    }

    /// Blocks of eight bytes in eleven signs; the last four bytes are Keccak's over the others.
    private static func monero(_ token: [UInt8]) -> (EntityType, String)? {
        var bytes: [UInt8] = []
        var at = 0
        while at < token.count {
            let count = min(11, token.count - at)
            guard let width = [11: 8, 7: 5][count], let part = decode(token[at..<at + count], bitcoinAlphabet) else {
                return nil
            }
            let significant = Array(part.drop { $0 == 0 })
            guard significant.count <= width else { return nil }
            bytes += [UInt8](repeating: 0, count: width - significant.count) + significant
            at += count
        }
        guard Keccak.hash(bytes.dropLast(4)).prefix(4).elementsEqual(bytes.suffix(4)) else { return nil }
        return (.cryptoAddress, "check digits")
    }

    // MARK: Bech32

    private static let charset = values("qpzry9x8gf2tvdw0s3jn54khce6mua7l")
    private static let humanReadable: Set<[UInt8]> = Set(
        [
            "bc", "tb", "bcrt", "ltc", "tltc", "addr", "stake", "cosmos", "osmo", "terra", "inj", "celestia", "bnb",
            "zs",
            "npub", "nsec", "age",
        ].map { Array($0.utf8) })

    /// BIP 173, and BIP 350 for witnesses of version 1 and later.
    private static func bech32(_ token: [UInt8]) -> (EntityType, String)? {
        guard let split = token.lastIndex(of: 0x31), split >= 2, token.count - split > 7 else { return nil }
        let isUpper = token.contains { $0 &- 0x41 < 26 }
        guard !(isUpper && token.contains { $0 &- 0x61 < 26 }) else { return nil }
        let small = token.map { $0 &- 0x41 < 26 ? $0 + 32 : $0 }
        let prefix = Array(small[..<split])
        guard humanReadable.contains(prefix) else { return nil }
        let data = small[(split + 1)...].map { charset[Int($0)] }
        guard data.allSatisfy({ $0 < 32 }) else { return nil }
        let checksum = polymod(prefix.map { $0 >> 5 } + [0] + prefix.map { $0 & 31 } + data)
        let isSegregated = ["bc", "tb", "bcrt", "ltc", "tltc"].contains { prefix.elementsEqual($0.utf8) }
        let wanted: UInt32 = isSegregated && data[0] > 0 ? 0x2BC8_30A3 : 1
        guard checksum == wanted else { return nil }
        let isKey = prefix.elementsEqual("nsec".utf8)
        return (isKey ? .apiKey : .cryptoAddress, isKey ? "private key" : "check digits")
    }

    private static func polymod(_ values: [UInt8]) -> UInt32 {
        let generators: [UInt32] = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3]
        return values.reduce(1) { checksum, value in
            let top = checksum >> 25
            return (0..<5).reduce((checksum & 0x1FF_FFFF) << 5 ^ UInt32(value)) {
                $0 ^ (top >> UInt32($1) & 1 == 1 ? generators[$1] : 0)
            }
        }
    }

    // MARK: Ethereum

    /// 40 hexadecimal digits; their capitals are bits of a Keccak digest (EIP-55). Of one case, a word has to name it.
    private static func ethereum(_ token: [UInt8], _ text: Text, _ start: Int) -> (EntityType, String)? {
        let digits = token[2...]
        guard digits.count == 40, digits.allSatisfy({ $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 6 }) else { return nil }
        let small = digits.map { $0 &- 0x41 < 6 ? $0 + 32 : $0 }
        if digits.contains(where: { $0 &- 0x41 < 6 }), digits.contains(where: { $0 &- 0x61 < 6 }) {
            let digest = Keccak.hash(small)
            for (place, byte) in digits.enumerated() where byte >= 0x41 {
                let half = place % 2 == 0 ? digest[place / 2] >> 4 : digest[place / 2] & 15
                guard (byte < 0x61) == (half >= 8) else { return nil }
            }
            return (.cryptoAddress, "check digits")
        }
        return Naming.before(text, start).contains(.crypto) ? (.cryptoAddress, "word") : nil
    }
}
