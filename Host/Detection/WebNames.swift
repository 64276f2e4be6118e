/// Names of sites and addresses of pages: `https://example.org/a`, `www.example.org`.
extension Reading {
    /// Longest address that is looked at, in bytes.
    private static let longest = 2_048

    mutating func readWebNames() {
        var index = 0
        while index < count {
            guard let end = webEnd(index) else {
                index += 1
                continue
            }
            var last = index
            while last + 1 < count, self[last + 1].start < end { last += 1 }
            add(.url, index, last, 0.9, "form", end: end)
            index = last + 1
        }
    }

    /// Behind the address that begins at a token; nil when none does.
    private func webEnd(_ index: Int) -> Int? {
        let token = self[index]
        guard !token.isTaken || token.length <= 5, token.shape != .digits else { return nil }
        var host: Int
        if isWord(index, "http", "https", "ftp", "ftps", "sftp", "ws", "wss"), text.at(token.end) == 0x3A,
            text.at(token.end + 1) == 0x2F, text.at(token.end + 2) == 0x2F
        {
            host = token.end + 3
        } else if isWord(index, "www"), text.at(token.end) == 0x2E, !isInside(token.start - 1) {
            host = token.start
        } else {
            return nil
        }
        guard text.isWord(host) else { return nil }
        let limit = min(text.count, host + Self.longest)
        while host < limit, isInside(host) { host += 1 }
        while host > token.end, isTrailing(text.at(host - 1)) { host -= 1 }
        return host > token.end + 3 ? host : nil
    }

    private func isInside(_ place: Int) -> Bool {
        switch text.at(place) {
        case 0...0x20, 0x22, 0x3C, 0x3E, 0x5C, 0x60, 0x7B, 0x7C, 0x7D: false
        default: true
        }
    }

    /// What ends a sentence or a bracket, and no address.
    private func isTrailing(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x27, 0x29, 0x2C, 0x2E, 0x3A, 0x3B, 0x3F, 0x5D: true
        default: false
        }
    }
}
