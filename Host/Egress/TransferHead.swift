internal import Foundations

/// The head of an answer, line by line as it comes.
extension Transfer {
    /// One line of a head or of trailers; false when the transfer must end.
    func take(header line: UnsafeRawBufferPointer) -> Bool {
        headBytes += line.count
        guard headBytes <= limits.headBytes else {
            failure = SluiceError(
                .egressAnswer, "The head of \(host)'s answer has more than \(limits.headBytes) bytes.")
            return false
        }
        // What follows the head of the answer itself are trailers, which nobody reads.
        guard !headIsWhole else { return true }
        var line = line[...]
        while let last = line.last, last == 13 || last == 10 { line.removeLast() }
        if line.isEmpty {
            // 1xx is followed by another head.
            headIsWhole = answer.status >= 200
            return true
        }
        if line.starts(with: "HTTP/".utf8) {
            let parts = line.split(separator: 32, maxSplits: 2)
            answer = Answer()
            (coding, isCoded, hasTransferCoding) = (nil, false, false)
            answer.status = parts.count > 1 ? Int(String(decoding: parts[1], as: UTF8.self)) ?? 0 : 0
            return true
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return true }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        guard !name.isEmpty, name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !name.hasPrefix("set-cookie") else {
            return true
        }
        let blanks: (UInt8) -> Bool = { $0 == 32 || $0 == 9 }
        let value = line[line.index(after: colon)...].drop(while: blanks)
        let end = value.lastIndex(where: { !blanks($0) }).map { value.index(after: $0) } ?? value.startIndex
        let text = String(decoding: value[..<end].filter { $0 >= 0x20 && $0 != 0x7F }, as: UTF8.self)
        guard takeCoding(name, text.lowercased()) else {
            failure = SluiceError(
                .egressAnswer,
                "The answer of \(host) is coded more than once, or in an unknown way, so that its size cannot be bounded.",
                hint: "One of gzip, deflate and identity is read, and chunks.")
            return false
        }
        answer.headers.append(EgressRequest.Header(name, text))
        return true
    }

    /// Reads what a header says of the body's codings; false for one that is not read here.
    private func takeCoding(_ name: String, _ value: String) -> Bool {
        switch name {
        case "transfer-encoding":
            defer { hasTransferCoding = true }
            return value == "chunked" && !hasTransferCoding
        case "content-encoding":
            defer { isCoded = true }
            coding = BodyCoding(value)
            return !isCoded && (coding != nil || value == "identity" || value.isEmpty)
        default: return true
        }
    }
}
