internal import Foundations
internal import Glibc
internal import Synchronization

/// A small HTTP/1.1 server on 127.0.0.1, inside the process of one check: it answers, and misbehaves, as told.
///
/// One request a connection, each on a thread of its own. Stopped when it is dropped.
final class LoopbackServer: Sendable {
    struct Request: Sendable {
        let method: String
        /// With its query.
        let target: String
        /// As they came, names in lower case.
        let headers: [(name: String, value: String)]
        let body: [UInt8]
        /// All bytes of the head.
        let head: [UInt8]
    }

    enum Reply: Sendable {
        case answer(status: Int, headers: [(String, String)], body: [UInt8])
        /// Announces more bytes than it sends, and hangs up.
        case cut(status: Int, announced: Int, body: [UInt8])
        /// Says nothing until the server is stopped or the client hangs up.
        case silence
        /// Head and body byte by byte, with what happens between them; then it hangs up.
        case steps([Step])
    }

    enum Step: Sendable {
        case send([UInt8])
        /// Nothing for so long, unless the client hangs up before.
        case pause(milliseconds: Int)
        /// Nothing until the server is stopped or the client hangs up.
        case hold
        /// Ends the connection by a reset (RST).
        case reset
    }

    /// What meets a client in place of an answer, once it has sent something.
    enum Opening: Sendable {
        case silence, hangUp, reset
        case bytes([UInt8])
    }

    let port: Int
    private let socket: Int32
    private let reply: @Sendable (Request) -> Reply
    private let opening: Opening?
    private let stopped = StopSignal()
    private let seen = Mutex<[Request]>([])

    private static let headLimit = 1 << 17
    private static let bodyLimit = 64 << 20

    /// - Parameters:
    ///   - opening: what happens in place of a request, if anything.
    ///   - reply: called on a thread of the server's for each whole request.
    init(opening: Opening? = nil, _ reply: @escaping @Sendable (Request) -> Reply) throws(SluiceError) {
        self.reply = reply
        self.opening = opening
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let bound = Self.bound(socket)
        self.socket = socket
        port = bound ?? 0
        guard bound != nil, listen(socket, 64) == 0 else {
            throw SluiceError(.fileFailed, "No server can listen on 127.0.0.1: \(String(cString: strerror(errno))).")
        }
        guard OwnThread.start({ [socket, stopped, serve = weakly()] in Self.accept(socket, stopped, serve) }) else {
            throw SluiceError(.fileFailed, "There is no thread for a server.")
        }
    }

    deinit { stopped.raise() }

    /// Binds a socket to a free port of 127.0.0.1; nil, and `errno`, when that fails.
    static func bound(_ socket: Int32) -> Int? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let done = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                Glibc.bind(socket, address, size) == 0 && getsockname(socket, address, &size) == 0
            }
        }
        return socket >= 0 && done ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }

    /// Whole requests, in the order in which they came.
    var requests: [Request] { seen.withLock { $0 } }

    private func weakly() -> @Sendable (Int32) -> Void {
        { [weak self] connection in self?.serve(connection) }
    }

    /// Owns the listening socket: closes it at the end.
    private static func accept(_ socket: Int32, _ stopped: StopSignal, _ serve: @escaping @Sendable (Int32) -> Void) {
        defer { close(socket) }
        while true {
            var waited = [
                pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stopped.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&waited, 2, -1) >= 0 || errno == EINTR else { return }
            if stopped.isRaised { return }
            guard waited[0].revents != 0 else { continue }
            let connection = Glibc.accept(socket, nil, nil)
            guard connection >= 0 else { continue }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            if !OwnThread.start({ serve(connection) }) { close(connection) }
        }
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        if let opening { return open(connection, opening) }
        guard let request = Self.receive(connection) else { return }
        seen.withLock { $0.append(request) }
        switch reply(request) {
        case .answer(let status, let headers, let body):
            Self.send(Self.head(status, headers, announced: body.count) + body, to: connection)
        case .cut(let status, let announced, let body):
            Self.send(Self.head(status, [], announced: announced) + body, to: connection)
        case .silence: wait(connection)
        case .steps(let steps):
            guard perform(steps, on: connection) else { return }
        }
        shutdown(connection, Int32(SHUT_RDWR))
    }

    private func open(_ connection: Int32, _ opening: Opening) {
        switch opening {
        case .silence: wait(connection, forBytes: false)
        case .hangUp:
            wait(connection)
            // What is not read would make a reset of the end.
            _ = Self.receive(connection)
        case .reset:
            wait(connection)
            Self.resetAtClose(connection)
        case .bytes(let bytes):
            wait(connection)
            Self.send(bytes, to: connection)
            shutdown(connection, Int32(SHUT_WR))
            // What was not read would make a reset of the end.
            wait(connection, milliseconds: 200, forBytes: false)
        }
    }

    /// - Returns: false when the connection is to end by a reset, or is gone.
    private func perform(_ steps: [Step], on connection: Int32) -> Bool {
        for step in steps {
            switch step {
            case .send(let bytes):
                guard Self.send(bytes, to: connection) else { return false }
            case .pause(let milliseconds): wait(connection, milliseconds: milliseconds)
            case .hold: wait(connection)
            case .reset:
                Self.resetAtClose(connection)
                return false
            }
            if stopped.isRaised { return false }
        }
        return true
    }

    /// Until the client sends something or hangs up, the server is stopped, or the time is over.
    ///
    /// - Parameter forBytes: false: the client's bytes are left where they are, only its end counts.
    private func wait(_ connection: Int32, milliseconds: Int = -1, forBytes: Bool = true) {
        var waited = [
            pollfd(fd: connection, events: Int16(forBytes ? POLLIN : 0x2000), revents: 0),  // POLLRDHUP
            pollfd(fd: stopped.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        poll(&waited, 2, Int32(milliseconds))
    }

    /// The end of a connection whose linger time is 0 is a reset.
    private static func resetAtClose(_ connection: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    private static func head(_ status: Int, _ headers: [(String, String)], announced: Int) -> [UInt8] {
        var lines = "HTTP/1.1 \(status) Suite\r\nContent-Length: \(announced)\r\nConnection: close\r\n"
        for (name, value) in headers { lines += "\(name): \(value)\r\n" }
        return Array((lines + "\r\n").utf8)
    }

    /// - Returns: false when the client is gone.
    @discardableResult
    private static func send(_ bytes: [UInt8], to connection: Int32) -> Bool {
        var done = 0
        while done < bytes.count {
            let sent = bytes.withUnsafeBytes { buffer in
                // `done` is below the count, so there is a base address.
                Glibc.send(
                    connection, buffer.baseAddress.map { $0 + done }, buffer.count - done, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            done += sent
        }
        return true
    }

    /// One request with the body that its Content-Length announces; nil for what is none.
    private static func receive(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        let end = Array("\r\n\r\n".utf8)
        var headEnd: Int?
        while headEnd == nil {
            let got = recv(connection, &piece, piece.count, 0)
            guard got > 0, bytes.count < headLimit else { return nil }
            let from = max(0, bytes.count - 3)
            bytes += piece[..<got]
            headEnd = bytes.indices[from...].first { bytes[$0...].starts(with: end) }
        }
        guard let headEnd else { return nil }
        let head = Array(bytes[..<headEnd])
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count == 3 else { return nil }
        let headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? parts[1].drop { $0 == " " } : ""
            return (name: parts[0].lowercased(), value: String(value))
        }
        let size = headers.first { $0.name == "content-length" }.flatMap { Int($0.value) } ?? 0
        var body = Array(bytes[(headEnd + 4)...])
        while body.count < min(size, bodyLimit) {
            let got = recv(connection, &piece, piece.count, 0)
            guard got > 0 else { return nil }
            body += piece[..<got]
        }
        return Request(
            method: String(words[0]), target: String(words[1]), headers: headers, body: body, head: head)
    }
}
