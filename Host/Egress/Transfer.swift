internal import CCurl
internal import Contracts
internal import Foundations
internal import Glibc

/// One request to one pinned address and its answer: no redirect, no name looked up, no state left behind.
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
        let addresses: [IPAddress]
        let proxy: (origin: Origin, addresses: [IPAddress])?
        let certificateFile: String?
        let maximumBytes: Int
    }

    /// The answer, before redirects and secrets were looked at.
    struct Answer {
        var status = 0
        var headers: [EgressRequest.Header] = []
        var body: [UInt8] = []
    }

    private let order: Order
    private let limits: EgressLimits
    private let clock: @Sendable () -> UInt64
    private(set) var answer = Answer()
    /// Bytes on the wire, without TLS.
    private(set) var bytesSent = 0
    private(set) var bytesReceived = 0

    // What the hooks found out; touched on the transfer's thread alone.
    private var failure: SluiceError?
    private var headBytes = 0
    private var headIsWhole = false
    private var refusedAddress: IPAddress?

    init(_ order: Order, limits: EgressLimits, clock: @escaping @Sendable () -> UInt64) {
        self.order = order
        self.limits = limits
        self.clock = clock
    }

    private var host: String { order.origin.host }

    /// Makes the transfer.
    ///
    /// - Parameter deadline: nanoseconds of the clock.
    /// - Throws: `egress.tls`, `egress.size`, `egress.timeout`, `egress.address`, `egress.unreachable`, `egress.library`.
    func run(deadline: UInt64, cancellation: EgressCancellation) throws(SluiceError) {
        if let reason = ccurl_load() {
            throw SluiceError(.egressLibrary, "No request can be made: \(String(cString: reason)).")
        }
        guard let easy = ccurl_easy_init(), let multi = ccurl_multi_init() else {
            throw SluiceError(.egressLibrary, "No request can be made: there is no memory for it.")
        }
        defer {
            ccurl_multi_remove(multi, easy)
            ccurl_multi_cleanup(multi)
            ccurl_easy_cleanup(easy)
        }
        let pipeSignal = QuietPipes()
        defer { pipeSignal.restore() }
        var hooks = ccurl_hooks(
            body: Self.takeBody, header: Self.takeHeader, allow: Self.allowAddress,
            context: Unmanaged.passUnretained(self).toOpaque())
        let lists = HeaderLists()
        // Everything that libcurl is given pointers to outlives the transfer: `self`, `hooks`, the lists, the body.
        let outcome: Result<Int32, SluiceError> = withExtendedLifetime((self, lists)) {
            withUnsafePointer(to: &hooks) { hooks in
                order.body.withUnsafeBytes { body in
                    do throws(SluiceError) {
                        try configure(easy, hooks: hooks, lists: lists, body: body, deadline: deadline)
                        guard ccurl_multi_add(multi, easy) == 0 else {
                            throw SluiceError(.egressLibrary, "The request cannot be started.")
                        }
                        let waker = Waker(multi)
                        cancellation.onCancel { waker.wake() }
                        defer { cancellation.onCancel(nil) }
                        return .success(try drive(easy, multi, deadline: deadline, cancellation))
                    } catch { return .failure(error) }
                }
            }
        }
        bytesSent = ccurl_info_long(easy, CURLINFO_REQUEST_SIZE) + Int(ccurl_info_size(easy, CURLINFO_SIZE_UPLOAD_T))
        bytesReceived =
            ccurl_info_long(easy, CURLINFO_HEADER_SIZE) + Int(ccurl_info_size(easy, CURLINFO_SIZE_DOWNLOAD_T))
        let code = try outcome.get()
        guard code == 0 else { throw error(code, easy) }
    }

    // MARK: What is asked of libcurl

    private func configure(
        _ easy: UnsafeMutableRawPointer, hooks: UnsafePointer<ccurl_hooks>, lists: HeaderLists,
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
        // One connection for one request: it was made to an address that was looked at for this request.
        long(CURLOPT_FRESH_CONNECT, 1)
        long(CURLOPT_FORBID_REUSE, 1)
        // From the environment, from files in the home, from earlier answers: nothing.
        long(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        text(CURLOPT_PROXY, order.proxy.map { $0.origin.description } ?? "")
        text(CURLOPT_NOPROXY, "")
        long(CURLOPT_HTTPPROXYTUNNEL, order.proxy == nil ? 0 : 1)
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
        if order.proxy != nil, let first = order.addresses.first {
            list(CURLOPT_CONNECT_TO, lists.make(["\(host):\(origin.port):\(first.inURL):\(origin.port)"]))
        }
        long(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(min(limits.connectSeconds, 86_400) * 1000)))
        text(CURLOPT_ACCEPT_ENCODING, "gzip, deflate")
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
        var lines = ["Expect:"]
        if !order.headers.contains(where: { $0.name.lowercased() == "content-type" }) { lines.append("Content-Type:") }
        for header in order.headers {
            // "Name:" alone would delete a header of libcurl's, "Name;" sends an empty one.
            let value = header.value.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 } ? nil : header.value
            lines.append(value.map { "\(header.name): \($0)" } ?? "\(header.name);")
        }
        return lines
    }

    private func pins() -> [String] {
        var pins = ["\(host):\(order.origin.port):" + order.addresses.map(\.inURL).joined(separator: ",")]
        if let (proxy, addresses) = order.proxy {
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
        var watch = StallWatch(limits: limits, requestBytes: order.body.count)
        while true {
            let running = ccurl_multi_step(multi)
            if let failure { throw failure }
            if running <= 0 { return ccurl_multi_result(multi) }
            if cancellation.isCancelled { throw SluiceError(.egressTimeout, "The request to \(host) was cancelled.") }
            let now = clock()
            guard now < deadline else {
                throw SluiceError(.egressTimeout, "\(host) did not answer within the time that the call has.")
            }
            watch.look(
                at: now, isConnected: ccurl_info_size(easy, CURLINFO_PRETRANSFER_TIME_T) > 0,
                hasAnswered: ccurl_info_size(easy, CURLINFO_STARTTRANSFER_TIME_T) > 0, headIsWhole: headIsWhole,
                sent: ccurl_info_size(easy, CURLINFO_SIZE_UPLOAD_T),
                received: ccurl_info_size(easy, CURLINFO_SIZE_DOWNLOAD_T))
            if let slow = watch.complaint { throw SluiceError(.egressTimeout, "\(host) was given up: \(slow).") }
            // A wake-up ends the wait; the watch wants a look now and then.
            ccurl_multi_wait(multi, Int32(min((deadline - now) / 1_000_000 + 1, 100)))
        }
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
        let allowed = transfer.order.proxy?.addresses ?? transfer.order.addresses
        if allowed.contains(found) { return 1 }
        transfer.refusedAddress = found
        return 0
    }

    /// Bytes after decompression, which is what a bomb has many of.
    private func take(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard answer.body.count + bytes.count <= order.maximumBytes else {
            failure = tooLarge
            answer.body = []
            return false
        }
        answer.body.append(contentsOf: bytes)
        return true
    }

    private var tooLarge: SluiceError {
        SluiceError(
            .egressSize, "The answer of \(host) has more than the \(order.maximumBytes) bytes that its endpoint allows."
        )
    }

    private func take(header line: UnsafeRawBufferPointer) -> Bool {
        headBytes += line.count
        guard headBytes <= limits.headBytes else {
            failure = SluiceError(
                .egressSize, "The head of \(host)'s answer has more than \(limits.headBytes) bytes.")
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
        answer.headers.append(EgressRequest.Header(name, text))
        return true
    }

    // MARK: Errors

    /// What a CURLcode means here. libcurl's own words repeat nothing that a server sent.
    private func error(_ code: Int32, _ easy: UnsafeMutableRawPointer) -> SluiceError {
        if let refusedAddress {
            return SluiceError(.egressAddress, "\(host) led to \(refusedAddress), which is not what it resolved to.")
        }
        switch CURLcode(rawValue: UInt32(bitPattern: code)) {
        case CURLE_FILESIZE_EXCEEDED: return tooLarge
        case CURLE_OPERATION_TIMEDOUT:
            return SluiceError(
                .egressTimeout,
                "No connection to \(order.origin) stood within \(JSON.ecmaScript(limits.connectSeconds)) s.")
        case CURLE_SSL_CACERT_BADFILE:
            return SluiceError(
                .egressTLS, "The file of certificates cannot be used: \(order.certificateFile ?? "the system's").")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_USE_SSL_FAILED, CURLE_SSL_INVALIDCERTSTATUS:
            return SluiceError(.egressTLS, "\(order.origin) was not trusted: \(Self.words(code)).")
        case CURLE_SSL_CONNECT_ERROR:
            // A server that hangs up is one that cannot be reached; one that answers otherwise does not fit.
            guard [0, Int(EPROTO)].contains(ccurl_info_long(easy, CURLINFO_OS_ERRNO)) else { break }
            return SluiceError(
                .egressTLS, "\(order.origin) was not trusted: \(Self.words(code)) (TLS 1.2 or later is needed).")
        // A line of a head that libcurl does not keep: more than 100 KiB.
        case CURLE_OUT_OF_MEMORY where !headIsWhole:
            return SluiceError(.egressSize, "The head of \(host)'s answer has more than \(limits.headBytes) bytes.")
        default: break
        }
        return SluiceError(.egressUnreachable, "\(order.origin) cannot be reached: \(Self.words(code)).")
    }

    private static func words(_ code: Int32) -> String {
        code < 0 ? "the transfer ended without a result" : String(cString: ccurl_text(code))
    }
}
