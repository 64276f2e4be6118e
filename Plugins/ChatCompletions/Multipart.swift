/// A body of `multipart/form-data` (RFC 7578).
enum Multipart {
    struct Part {
        let name: String
        let file: String?
        let body: [UInt8]

        init(_ name: String, _ text: String) {
            self.name = name
            file = nil
            body = Array(text.utf8)
        }

        init(_ name: String, file: String, _ body: [UInt8]) {
            self.name = name
            self.file = file
            self.body = body
        }
    }

    /// The same parts give the same bytes: the boundary has the least number that begins no line of theirs.
    static func form(_ parts: [Part]) -> (contentType: String, body: [UInt8]) {
        var taken: Set<Int> = []
        for part in parts { note(part.body, in: &taken) }
        var number = 0
        while taken.contains(number) { number += 1 }
        let boundary = "\(name)\(number)"
        var body: [UInt8] = []
        for part in parts {
            let file = part.file.map { "; filename=\"\($0)\"\r\nContent-Type: application/jsonl" } ?? ""
            body += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(part.name)\"\(file)\r\n\r\n".utf8)
            body += part.body + [0x0D, 0x0A]
        }
        body += Array("--\(boundary)--\r\n".utf8)
        return ("multipart/form-data; boundary=\(boundary)", body)
    }

    private static let name = "sluice-part-"

    /// Takes the numbers of boundaries that stand at the beginning of a line, and those that they begin with.
    ///
    /// A boundary counts nowhere else, and one look at each line is enough: what is in a cell decides nothing.
    private static func note(_ bytes: [UInt8], in taken: inout Set<Int>) {
        let mark = Array("--\(name)".utf8)
        var start = 0
        while true {
            if bytes[start...].starts(with: mark) {
                var number = 0
                for byte in bytes[(start + mark.count)...].prefix(9) {
                    guard (0x30...0x39).contains(byte) else { break }
                    number = 10 * number + Int(byte - 0x30)
                    taken.insert(number)
                }
            }
            guard let end = bytes[start...].firstIndex(of: 0x0A) else { return }
            start = end + 1
        }
    }
}
