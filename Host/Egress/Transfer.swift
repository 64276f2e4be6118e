internal import CCurl
internal import Contracts
internal import Foundations
internal import Glibc

/// One request to one pinned address and its answer: no redirect, no name looked up, and sent once at most.
///
/// Blocks the thread that runs it. The transfer is driven here, step by step, so that a cancellation, a deadline or a
/// slow server ends it within a moment.
final class Transfer {
    struct Order {
        let origin: Origin
        let target: EgressTarget
        let method: String
        let headers: [EgressRequest.Header]
        /// A whole header line with its secret and a final NUL.
        let secretLine: LockedBytes?
        let body: [UInt8]
        let route: Connection.Route
        let certificateFile: String?
        let maximumBytes: Int
    }

    /// The answer, before redirects and secrets were looked at.
    struct Answer {
        var status = 0
        var headers: [EgressRequest.Header] = []
        var body: [UInt8] = []

        /// Whether it sends the request elsewhere (RFC 9110 §15.4); any other 3xx is an answer as good as another.
        var isRedirect: Bool {
            [301, 302, 303, 307, 308].contains(status) && headers.contains { $0.name == "location" }
        }
    }

    let order: Order
    private let pace: EgressPace
    let limits: EgressLimits
    private let clock: @Sendable () -> UInt64
    var answer = Answer()
    /// Bytes on the wire, without TLS.
    private(set) var bytesSent = 0
    private(set) var bytesReceived = 0
    /// Whether the connection stood, checks of TLS included, and the request was sent or begun.
    private(set) var wasAsked = false

    // What the hooks found out; touched on the transfer's thread alone.
    var failure: SluiceError?
    var headBytes = 0
    var headIsWhole = false
    var refusedAddress: IPAddress?
    /// Whether the connection carried a request before, so that no other may be opened in its place.
    private(set) var isKept = false
    /// Whether libcurl wanted to open another one all the same.
    private(set) var wantedAnother = false
    /// How often libcurl was about to send the request.
    private(set) var asks = 0
    /// What the head says about the body; nil when the body is what it is.
    var coding: BodyCoding?
    var isCoded = false
    var hasTransferCoding = false
    private var decoder: BodyDecoder?
    /// Bytes of the body as they came.
    private var bodyBytes = 0
    var deadline = UInt64.max
    var cancellation: EgressCancellation?

    init(_ order: Order, pace: EgressPace, limits: EgressLimits, clock: @escaping @Sendable () -> UInt64) {
        self.order = order
        self.pace = pace
        self.limits = limits
        self.clock = clock
    }

    var host: String { order.origin.host }

    /// Whether a kept connection was found closed before anything was sent: another may be opened for the request.
    var isUnsent: Bool { isKept && wantedAnother && asks == 0 && bytesSent == 0 }

    /// The answer, which is then the caller's alone.
    func takeAnswer() -> Answer {
        defer { answer = Answer() }
        return answer
    }

    /// A connection to be opened, to a route that was vetted.
    ///
    /// - Throws: `egress.library`.
    static func connection(_ route: Connection.Route) throws(SluiceError) -> Connection {
        if let reason = ccurl_load() {
            throw SluiceError(.egressLibrary, "No request can be made: \(String(cString: reason)).")
        }
        guard let connection = Connection(route) else { throw noMemory }
        return connection
    }

    private static var noMemory: SluiceError {
        SluiceError(.egressLibrary, "No request can be made: there is no memory for it.")
    }

    /// Makes the transfer over a connection that leads where the order says.
    ///
    /// What libcurl holds of the request goes with this call: its handle for the request is made for it alone, and
    /// everything that it frees is zeroed.
    ///
    /// - Parameter deadline: nanoseconds of the clock.
    /// - Returns: whether the connection stands and may carry another request.
    /// - Throws: `egress.tls`, `egress.answer`, `egress.reset`, `egress.timeout`, `egress.address`, `egress.unreachable`,
    ///   `egress.library`.
    func run(
        on connection: Connection, deadline: UInt64, cancellation: EgressCancellation
    ) throws(SluiceError) -> Bool {
        let multi = connection.multi
        isKept = connection.isUsed
        guard let easy = ccurl_easy_init() else { throw Self.noMemory }
        defer {
            ccurl_multi_remove(multi, easy)
            ccurl_easy_cleanup(easy)
        }
        self.deadline = deadline
        self.cancellation = cancellation
        let pipeSignal = QuietPipes()
        defer { pipeSignal.restore() }
        var hooks = ccurl_hooks(
            body: Self.takeBody, header: Self.takeHeader, allow: Self.allowAddress, ask: Self.allowRequest,
            context: Unmanaged.passUnretained(self).toOpaque(), easy: nil, tls: nil, has_surplus: 0)
        let lists = HeaderLists()
        var socket: Int32 = -1
        // Everything that libcurl is given pointers to outlives the transfer: `self`, `hooks`, the lists, the body.
        let outcome: Result<Int32, SluiceError> = withExtendedLifetime((self, lists)) {
            withUnsafeMutablePointer(to: &hooks) { hooks in
                order.body.withUnsafeBytes { body in
                    do throws(SluiceError) {
                        try configure(easy, hooks: hooks, lists: lists, body: body, deadline: deadline)
                        guard ccurl_multi_add(multi, easy) == 0 else {
                            throw SluiceError(.egressLibrary, "The request cannot be started.")
                        }
                        let waker = Waker(multi)
                        cancellation.onCancel { waker.wake() }
                        defer { cancellation.onCancel(nil) }
                        let code = try drive(easy, multi, deadline: deadline, cancellation)
                        socket = Self.fitSocket(easy, hooks, order)
                        return .success(code)
                    } catch { return .failure(error) }
                }
            }
        }
        bytesSent = ccurl_info_long(easy, CURLINFO_REQUEST_SIZE) + Int(ccurl_info_size(easy, CURLINFO_SIZE_UPLOAD_T))
        bytesReceived =
            ccurl_info_long(easy, CURLINFO_HEADER_SIZE) + Int(ccurl_info_size(easy, CURLINFO_SIZE_DOWNLOAD_T))
        // A proxy's CONNECT is sent before, and holds nothing of the request but its address.
        wasAsked = ccurl_info_size(easy, CURLINFO_PRETRANSFER_TIME_T) > 0 && bytesSent > 0
        let code = try outcome.get()
        guard code == 0 else { throw error(code, easy) }
        // libcurl takes a head that breaks off within a line for a whole one.
        guard headIsWhole else { throw brokenHead }
        guard decoder?.isWhole ?? true else { throw undecodable }
        guard socket >= 0 else { return false }
        connection.rest(on: socket)
        return true
    }

    /// The socket of a connection that may carry another request, or -1: nothing is left in it of what its server sent.
    ///
    /// TLS within TLS has bytes in two places, and the outer cannot be asked: a proxy over https gets no second request.
    private static func fitSocket(
        _ easy: UnsafeMutableRawPointer, _ hooks: UnsafePointer<ccurl_hooks>, _ order: Order
    ) -> Int32 {
        guard order.route.proxy?.origin.scheme != .https else { return -1 }
        let socket = ccurl_socket(easy)
        return socket >= 0 && ccurl_is_drained(hooks, order.origin.scheme == .https ? 1 : 0) == 1 ? socket : -1
    }

    // MARK: What is asked of libcurl

    private func configure(
        _ easy: UnsafeMutableRawPointer, hooks: UnsafeMutablePointer<ccurl_hooks>, lists: HeaderLists,
        body: UnsafeRawBufferPointer, deadline: UInt64
    ) throws(SluiceError) {
        var failed: Int32 = ccurl_set_hooks(easy, hooks)
        func long(_ option: CURLoption, _ value: Int) {
            if failed == 0 { failed = ccurl_set_long(easy, option, value) }
        }
        func text(_ option: CURLoption, _ value: String?) {
            if failed == 0 { failed = ccurl_set_text(easy, option, value) }
        }
        func list(_ option: CURLoption, _ value: UnsafeMutablePointer<curl_slist>?) {
            if failed == 0 { failed = ccurl_set_pointer(easy, option, value) }
        }
        let origin = order.origin
        text(CURLOPT_URL, "\(origin.scheme)://\(host):\(origin.port)\(order.target.text)")
        // What was checked is what is sent.
        long(CURLOPT_PATH_AS_IS, 1)
        text(CURLOPT_PROTOCOLS_STR, origin.scheme.rawValue)
        long(CURLOPT_FOLLOWLOCATION, 0)
        long(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        long(CURLOPT_HTTP09_ALLOWED, 0)
        long(CURLOPT_NOSIGNAL, 1)
        // The handle holds one connection at most: none yet, or the one that was kept for this request.
        long(CURLOPT_FORBID_REUSE, limits.idleSeconds > 0 ? 0 : 1)
        // From the environment, from files in the home, from earlier answers: nothing.
        long(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        text(CURLOPT_PROXY, order.route.proxy.map { "\($0.origin.scheme)://\($0.origin.host):\($0.origin.port)" } ?? "")
        text(CURLOPT_NOPROXY, "")
        long(CURLOPT_HTTPPROXYTUNNEL, order.route.proxy == nil ? 0 : 1)
        // TLS: 1.3 where the server has it, nothing below 1.2, chain and name checked.
        long(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        long(CURLOPT_SSL_VERIFYPEER, 1)
        long(CURLOPT_SSL_VERIFYHOST, 2)
        long(CURLOPT_PROXY_SSL_VERIFYPEER, 1)
        long(CURLOPT_PROXY_SSL_VERIFYHOST, 2)
        if let file = order.certificateFile {
            text(CURLOPT_CAINFO, file)
            text(CURLOPT_PROXY_CAINFO, file)
            text(CURLOPT_CAPATH, nil)
            text(CURLOPT_PROXY_CAPATH, nil)
        }
        list(CURLOPT_RESOLVE, lists.make(pins()))
        // A proxy must not look the name up again: it is told the address, TLS is told the name.
        if order.route.proxy != nil, let first = order.route.addresses.first {
            list(CURLOPT_CONNECT_TO, lists.make(["\(host):\(origin.port):\(first.inURL):\(origin.port)"]))
        }
        long(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(min(limits.connectSeconds, 86_400) * 1000)))
        // libcurl decodes codings within codings, all in one step; `BodyDecoder` decodes one, piece by piece.
        long(CURLOPT_HTTP_CONTENT_DECODING, 0)
        if failed == 0 { failed = ccurl_set_size(easy, CURLOPT_MAXFILESIZE_LARGE, Int64(order.maximumBytes)) }
        text(CURLOPT_USERAGENT, "sluice/\(Versions.sluice)")
        switch order.method {
        case "GET": long(CURLOPT_HTTPGET, 1)
        case "HEAD": long(CURLOPT_NOBODY, 1)
        default:
            if failed == 0 { failed = ccurl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, Int64(body.count)) }
            // An empty buffer may have no address, which would mean that the body is read from a callback.
            if failed == 0 {
                failed = ccurl_set_pointer(
                    easy, CURLOPT_POSTFIELDS, body.baseAddress ?? UnsafeRawPointer(Self.nothing.utf8Start))
            }
            text(CURLOPT_CUSTOMREQUEST, order.method)
        }
        list(CURLOPT_HTTPHEADER, lists.make(headerLines(), secret: order.secretLine))
        list(CURLOPT_PROXYHEADER, nil)
        long(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
        long(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        guard failed == 0 else {
            throw SluiceError(
                .egressLibrary, "libcurl does not know a setting that is needed: \(Self.words(failed)).",
                hint: "Install libcurl 7.88 or later.")
        }
    }

    private static let nothing: StaticString = ""

    private func headerLines() -> [String] {
        // libcurl would wait for "100 Continue", and would call a body a form.
        var lines = ["Expect:", "Accept-Encoding: gzip, deflate"]
        if !order.headers.contains(where: { $0.name.lowercased() == "content-type" }) { lines.append("Content-Type:") }
        for header in order.headers {
            // "Name:" alone would delete a header of libcurl's, "Name;" sends an empty one.
            let value = header.value.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 } ? nil : header.value
            lines.append(value.map { "\(header.name): \($0)" } ?? "\(header.name);")
        }
        return lines
    }

    private func pins() -> [String] {
        var pins = ["\(host):\(order.origin.port):" + order.route.addresses.map(\.inURL).joined(separator: ",")]
        if let (proxy, addresses) = order.route.proxy {
            pins.append("\(proxy.host):\(proxy.port):" + addresses.map(\.inURL).joined(separator: ","))
        }
        return pins
    }

    // MARK: Step by step

    /// - Returns: the CURLcode.
    private func drive(
        _ easy: UnsafeMutableRawPointer, _ multi: UnsafeMutableRawPointer, deadline: UInt64,
        _ cancellation: EgressCancellation
    ) throws(SluiceError) -> Int32 {
        var watch = StallWatch(limits: limits, pace: pace, requestBytes: order.body.count)
        while true {
            let running = ccurl_multi_step(multi)
            if let failure { throw failure }
            if running <= 0 { return ccurl_multi_result(multi) }
            let now = clock()
            if let over = isOver(now) { throw over }
            watch.look(
                at: now, isConnected: ccurl_info_size(easy, CURLINFO_PRETRANSFER_TIME_T) > 0,
                hasAnswered: headBytes > 0 || (isSentAtOnce && firstByte(easy)), headIsWhole: headIsWhole,
                isRedirect: answer.isRedirect, sent: ccurl_info_size(easy, CURLINFO_SIZE_UPLOAD_T),
                received: Int64(bodyBytes))
            if let slow = watch.complaint { throw SluiceError(.egressTimeout, "\(host) was given up: \(slow).") }
            // A wake-up ends the wait; the watch wants a look now and then.
            let next = min(deadline, max(watch.nextLook, now))
            ccurl_multi_wait(multi, Int32(min((next - now) / 1_000_000 + 1, 100)))
        }
    }

    /// libcurl sends a body below 64 KiB together with the head. The time of the first byte is that of the answer then;
    /// otherwise it is that of the first byte sent, and an answer has begun when its first line is there.
    private var isSentAtOnce: Bool { order.body.count < 64 * 1024 }

    private func firstByte(_ easy: UnsafeMutableRawPointer) -> Bool {
        ccurl_info_size(easy, CURLINFO_STARTTRANSFER_TIME_T) > 0
    }

    // MARK: Hooks

    private static func of(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        // `run` keeps the transfer alive for as long as libcurl may call.
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let takeBody: ccurl_take = { data, size, count, context in
        guard let transfer = of(context), let data else { return 0 }
        return transfer.take(body: UnsafeRawBufferPointer(start: data, count: size * count)) ? size * count : 0
    }

    private static let takeHeader: ccurl_take = { data, size, count, context in
        guard let transfer = of(context), let data else { return 0 }
        return transfer.take(header: UnsafeRawBufferPointer(start: data, count: size * count)) ? size * count : 0
    }

    private static let allowAddress: ccurl_allow = { address, context in
        guard let transfer = of(context), let address, let found = IPAddress(address) else { return 0 }
        // libcurl would send a request again when a kept connection breaks before a byte of the answer: it cannot know
        // what the server has done.
        guard !transfer.isKept, transfer.asks == 0 else {
            transfer.wantedAnother = true
            return 0
        }
        return transfer.isVetted(found, port: IPAddress.port(of: address)) ? 1 : 0
    }

    private static let allowRequest: ccurl_ask = { address, port, context in
        guard let transfer = of(context), let address, let found = IPAddress(String(cString: address)) else { return 0 }
        transfer.asks += 1
        guard transfer.asks == 1 else {
            transfer.failure = transfer.brokeOff
            return 0
        }
        return transfer.isVetted(found, port: Int(port)) ? 1 : 0
    }

    private func isVetted(_ found: IPAddress, port: Int?) -> Bool {
        let allowed = order.route.proxy?.addresses ?? order.route.addresses
        if allowed.contains(found), port == order.route.proxy?.origin.port ?? order.origin.port { return true }
        refusedAddress = found
        return false
    }

    /// A piece of the body as it came, at most 16 KiB: what it costs is bounded by the cap, whatever it decodes to.
    private func take(body bytes: UnsafeRawBufferPointer) -> Bool {
        bodyBytes += bytes.count
        do throws(SluiceError) {
            if let over = isOver(clock()) { throw over }
            // Coded bytes are hardly ever more than what they stand for; blocks that stand for nothing are without end.
            guard bodyBytes <= order.maximumBytes + (coding == nil ? 0 : order.maximumBytes / 8 + 64 * 1024) else {
                throw tooLarge
            }
            guard let coding else {
                answer.body.append(contentsOf: bytes)
                return true
            }
            let decoder: BodyDecoder
            if let begun = self.decoder { decoder = begun } else { decoder = try makeDecoder(coding) }
            self.decoder = decoder
            switch decoder.take(bytes, into: &answer.body, atMost: order.maximumBytes) {
            case .taken: return true
            case .tooLarge: throw tooLarge
            case .broken: throw undecodable
            }
        } catch {
            failure = error
            answer.body = []
            return false
        }
    }

    private func makeDecoder(_ coding: BodyCoding) throws(SluiceError) -> BodyDecoder {
        guard let decoder = BodyDecoder(coding) else {
            throw SluiceError(.egressLibrary, "The answer of \(host) cannot be decoded: there is no memory for it.")
        }
        return decoder
    }
}
