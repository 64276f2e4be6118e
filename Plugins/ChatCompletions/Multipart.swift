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

    /// The same parts give the same bytes: the boundary is counted up until it is in none of them.
    static func form(_ parts: [Part]) -> (contentType: String, body: [UInt8]) {
        var number = 0
        while parts.contains(where: { holds($0.body, "sluice-part-\(number)") }) { number += 1 }
        let boundary = "sluice-part-\(number)"
        var body: [UInt8] = []
        for part in parts {
            let file = part.file.map { "; filename=\"\($0)\"\r\nContent-Type: application/jsonl" } ?? ""
            body += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(part.name)\"\(file)\r\n\r\n".utf8)
            body += part.body + [0x0D, 0x0A]
        }
        body += Array("--\(boundary)--\r\n".utf8)
        return ("multipart/form-data; boundary=\(boundary)", body)
    }

    private static func holds(_ bytes: [UInt8], _ text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard bytes.count >= wanted.count else { return false }
        return (0...(bytes.count - wanted.count)).contains { at in
            bytes[at] == wanted[0] && bytes[at..<(at + wanted.count)].elementsEqual(wanted)
        }
    }
}
