internal import Foundations

/// What one vendor's server does in one situation, as bytes and pauses.
struct SituationScript: Sendable {
    /// What happens before, or in place of, an answer.
    enum Connection: String, Sendable {
        case refused
        case unknownName = "unknown_name"
        /// The server speaks no TLS, and is asked for it.
        case tls
        /// The variable of the key is not set.
        case noKey = "no_key"
        case silent, closed, reset, garbage
    }

    struct Exchange: Sendable {
        let method: String
        let path: String
        fileprivate let reply: JSON
    }

    /// Why there is no script; nil when there is one.
    let absent: String?
    let connection: Connection?
    private let exchanges: [Exchange]

    init?(_ json: JSON) {
        absent = json["absent"]?.stringValue
        connection = json["connection"]?.stringValue.flatMap(Connection.init)
        exchanges = (json["exchanges"]?.arrayValue ?? []).compactMap { exchange in
            guard let method = exchange["method"]?.stringValue, let path = exchange["path"]?.stringValue,
                exchange["status"]?.intValue != nil
            else { return nil }
            return Exchange(method: method, path: path, reply: exchange)
        }
        guard exchanges.count == json["exchanges"]?.arrayValue?.count ?? 0 else { return nil }
        guard absent != nil || connection != nil || !exchanges.isEmpty else { return nil }
    }

    /// What is sent for a request; 404 for one that the script does not know.
    ///
    /// - Parameter now: milliseconds since 1970, for headers that hold a date.
    func steps(_ request: LoopbackServer.Request, now: Int64) -> [LoopbackServer.Step] {
        let path = request.target.prefix { $0 != "?" }
        guard let found = exchanges.first(where: { $0.method == request.method && $0.path == path }) else {
            return ReplyScript(
                ["status": 404, "headers": ["content-type": "text/plain"], "body": ["The script knows no such path."]],
                now: now
            ).steps
        }
        return ReplyScript(found.reply, now: now).steps
    }
}

/// One reply of a script.
private struct ReplyScript {
    private let json: JSON
    private let now: Int64

    init(_ json: JSON, now: Int64) {
        self.json = json
        self.now = now
    }

    /// A part of a body: bytes, or what is done between two.
    private enum Part {
        case bytes([UInt8])
        case step(LoopbackServer.Step)
    }

    private var parts: [Part] {
        (json["body"]?.arrayValue ?? []).map { part in
            if let text = part.stringValue { return .bytes(Array(text.utf8)) }
            if let coded = part["base64"]?.stringValue { return .bytes(Base64.decode(coded) ?? []) }
            if let text = part["repeat"]?.stringValue {
                let unit = Array(text.utf8)
                var bytes: [UInt8] = []
                for _ in 0..<max(0, part["times"]?.intValue ?? 1) { bytes += unit }
                return .bytes(bytes)
            }
            if let pause = part["pause_ms"]?.intValue { return .step(.pause(milliseconds: Int(pause))) }
            return .step(.hold)
        }
    }

    var steps: [LoopbackServer.Step] {
        let parts = parts
        let total = parts.reduce(0) { sum, part in
            if case .bytes(let bytes) = part { sum + bytes.count } else { sum }
        }
        let framing = json["framing"]?.stringValue ?? "length"
        let cut = json["cut"]
        // A body that is cut without a place is sent whole, and more is announced.
        var left = cut?["after"]?.intValue.map { Int($0) } ?? total
        let announced = cut != nil && cut?["after"] == nil ? total + 1 : total
        var steps = before
        steps.append(.send(head(framing: framing, announced: announced)))
        for part in parts {
            switch part {
            case .step(let step): steps.append(step)
            case .bytes(let bytes):
                let sent = Array(bytes.prefix(left))
                left -= sent.count
                let size = json["piece"]?.intValue.map { Int($0) } ?? max(1, sent.count)
                for start in stride(from: 0, to: sent.count, by: size) {
                    let piece = Array(sent[start..<min(start + size, sent.count)])
                    steps.append(.send(framing == "chunked" ? Self.chunk(piece) : piece))
                }
            }
        }
        if let cut {
            if cut["how"]?.stringValue == "reset" { steps.append(.reset) }
        } else if framing == "chunked" {
            steps.append(.send(Array("0\r\n\r\n".utf8)))
        }
        return steps
    }

    private var before: [LoopbackServer.Step] {
        (json["before"]?.arrayValue ?? []).compactMap { head in
            guard let parts = head.arrayValue, let status = parts.first?.intValue else { return nil }
            return .send(Array("HTTP/1.1 \(status) Suite\r\n\(headers(parts.last))\r\n".utf8))
        }
    }

    private func head(framing: String, announced: Int) -> [UInt8] {
        let status = json["status"]?.intValue ?? 500
        var lines = "HTTP/1.1 \(status) Suite\r\nConnection: close\r\n\(headers(json["headers"]))"
        switch framing {
        case "chunked": lines += "Transfer-Encoding: chunked\r\n"
        case "length" where status != 204: lines += "Content-Length: \(announced)\r\n"
        default: break
        }
        return Array((lines + "\r\n").utf8)
    }

    private func headers(_ json: JSON?) -> String {
        (json?.objectValue ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key): \(dated($0.value))\r\n" }.joined()
    }

    /// `{date+SECONDS}` is the time so many seconds from now (RFC 9110 §5.6.7).
    private func dated(_ value: JSON) -> String {
        guard let text = value.stringValue, text.hasPrefix("{date+"), text.hasSuffix("}"),
            let seconds = Int64(text.dropFirst(6).dropLast())
        else { return value.stringValue ?? "" }
        // Up to the next whole second: a date holds no part of one.
        return HTTPDate.text((now + 999) / 1000 + seconds)
    }

    private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8)
    }
}

/// Dates as HTTP's headers have them.
enum HTTPDate {
    /// - Parameter seconds: since 1970.
    static func text(_ seconds: Int64) -> String {
        let date = CivilTime.date(days: Int(seconds / 86400))
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let day = days[Int((seconds / 86400) % 7)]
        let second = Int(seconds % 86400)
        let clock = [second / 3600, second / 60 % 60, second % 60].map(two).joined(separator: ":")
        return "\(day), \(two(date.day)) \(months[date.month - 1]) \(date.year) \(clock) GMT"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
