internal import CCurl
internal import Contracts
public import Foundations
public import Policy

/// The one way out: decides about a request, makes it, and says what it did.
///
/// A request goes out only if the plugin's manifest names its endpoint, method and path, the Policy Manifest allows its
/// origin, and every address of the host is of a network that both allow. Sendable: any number of threads may use it.
public final class EgressBroker: Sendable {
    public let limits: EgressLimits
    /// The rule by which its holder may call a provider, for the ledger.
    public let rule: String
    /// The same as a stable name.
    public let ruleID: String
    private let engine: PolicyEngine
    private let dataClasses: Set<DataClass>
    private let resolver: any HostResolver
    private let pool: ConnectionPool
    let room = EgressRoom()
    private let clock: @Sendable () -> UInt64
    private let now: @Sendable () -> Int64

    /// - Parameter permit: for `call_provider`: whoever may not call a provider has no way out either.
    /// - Throws: `policy.denied` for another permit.
    public init(
        engine: PolicyEngine, permit: Permit, limits: EgressLimits = EgressLimits(), context: Context,
        resolver: any HostResolver = SystemResolver()
    ) throws(SluiceError) {
        guard permit.action == .callProvider else {
            throw SluiceError(.policyDenied, "Requests leave with a permit for call_provider alone.")
        }
        self.engine = engine
        dataClasses = permit.dataClasses
        rule = permit.rule
        ruleID = permit.ruleID
        self.limits = limits
        self.resolver = resolver
        pool = ConnectionPool(limits)
        clock = context.monotonic
        now = context.now
    }

    /// Runs `work` on a thread that waits for C; false when there is none.
    func run(_ work: @escaping @Sendable () -> Void) -> Bool { pool.run(work) }

    /// Connections that are kept for the next request now.
    package var idleConnections: Int { pool.idleCount }

    /// Makes a request. Blocks the calling thread; `EgressDesk` runs it on one of the broker's.
    ///
    /// - Parameters:
    ///   - endpoints: all of the plugin's manifest.
    ///   - deadline: of the plugin's call, nanoseconds of the context's monotonic clock.
    ///   - progress: told before and after each place that is asked.
    /// - Returns: the answer or an error of a kind `egress.…`, and in either case what was done.
    public func perform(
        _ request: EgressRequest, endpoints: [EgressEndpoint], deadline: UInt64 = .max,
        cancellation: EgressCancellation = EgressCancellation(), progress: EgressProgress = EgressProgress()
    ) -> (answer: Result<EgressResponse, SluiceError>, report: Report) {
        var report = Report()
        let began = clock()
        let own = began &+ UInt64(min(limits.totalSeconds, 1e9) * 1e9)
        let answer: Result<EgressResponse, SluiceError>
        do throws(SluiceError) {
            answer = .success(
                try follow(
                    request, endpoints, EgressPace(request, from: began), deadline: min(deadline, own),
                    cancellation: cancellation, progress, &report))
        } catch {
            answer = .failure(error)
            report.error = error
        }
        report.milliseconds = milliseconds(since: began)
        return (answer, report)
    }

    /// What manifest and policy say about a request, before anything is done for it: with an error when they refuse it.
    public func consider(_ request: EgressRequest, endpoints: [EgressEndpoint]) -> Report {
        var report = Report()
        do throws(SluiceError) {
            try allow(try admit(request, endpoints, &report).endpoint)
        } catch { report.error = error }
        return report
    }

    /// Nanoseconds of the context's monotonic clock.
    func monotonic() -> UInt64 { clock() }

    func milliseconds(since began: UInt64) -> Int { Int((clock() - began) / 1_000_000) }

    // MARK: From hop to hop

    private struct Hop {
        var endpoint: EgressEndpoint
        var target: EgressTarget
        var method: String
        var headers: [EgressRequest.Header]
        var body: [UInt8]
    }

    private func follow(
        _ request: EgressRequest, _ endpoints: [EgressEndpoint], _ pace: EgressPace, deadline: UInt64,
        cancellation: EgressCancellation, _ progress: EgressProgress, _ report: inout Report
    ) throws(SluiceError) -> EgressResponse {
        var hop = try admit(request, endpoints, &report)
        let first = hop.endpoint
        try allow(hop.endpoint)
        var hasLeft = false
        while true {
            report.enter(hop.endpoint, method: hop.method)
            progress.note(report)
            // Credentials belong to the origin that the plugin named. A request that has left it does not get them back:
            // the place that sent it there chose what is asked.
            hasLeft = hasLeft || hop.endpoint.origin != first.origin
            let authentication = hasLeft ? nil : authentication(of: first)
            let key = key(hop.endpoint, secret: authentication?.secret)
            var kept = pool.take(key)
            while true {
                let connection: Connection
                if let kept { connection = kept } else { connection = try Transfer.connection(pin(hop.endpoint)) }
                // Both waited for somebody else; nothing was sent yet.
                try checkTime(hop.endpoint.host, pace, deadline, cancellation)
                var secret: LockedBytes?
                if let authentication {
                    secret = try SecretSource(rules: engine.manifest.egress)
                        .value(authentication.secret, for: first.origin)
                }
                let transfer = Transfer(
                    Transfer.Order(
                        origin: hop.endpoint.origin, target: hop.target, method: hop.method, headers: hop.headers,
                        secretLine: try Self.line(authentication, secret), body: hop.body, route: connection.route,
                        certificateFile: engine.manifest.egress.certificateFile,
                        maximumBytes: hop.endpoint.maximumBytes),
                    pace: pace, limits: limits, clock: clock)
                do throws(SluiceError) {
                    try run(
                        transfer, on: connection, key, deadline: deadline, cancellation: cancellation, progress, &report
                    )
                } catch {
                    // It was closed between two looks, and heard nothing of this request: another is opened, once.
                    guard kept != nil, transfer.isUnsent else { throw error }
                    kept = nil
                    continue
                }
                var answer = transfer.takeAnswer()
                guard let next = try redirected(hop, answer, first, endpoints, &report) else {
                    return response(&answer, secret.map { SecretRedaction($0) }, &report)
                }
                hop = next
                break
            }
        }
    }

    private func checkTime(
        _ host: String, _ pace: EgressPace, _ deadline: UInt64, _ cancellation: EgressCancellation
    ) throws(SluiceError) {
        if cancellation.isCancelled { throw SluiceError(.egressTimeout, "The request to \(host) was cancelled.") }
        let now = clock()
        guard now < deadline else {
            throw SluiceError(.egressTimeout, "The time of the call was over before \(host) was asked.")
        }
        guard pace.firstByteAt.map({ now < $0 }) ?? true else {
            throw SluiceError(
                .egressTimeout,
                "The \(pace.firstByteMilliseconds) ms that the request gives its answer (first_byte_ms) were over before \(host) was asked."
            )
        }
    }

    /// What a connection must have been opened for to carry a request there.
    private func key(_ endpoint: EgressEndpoint, secret: String?) -> ConnectionPool.Key {
        let rules = engine.manifest.egress
        let isLocal = engine.isLocal(endpoint.host, declaredLocal: endpoint.isLocal)
        return ConnectionPool.Key(
            origin: endpoint.origin, isLocal: isLocal, proxy: isLocal ? nil : rules.proxy,
            certificateFile: rules.certificateFile, secret: secret)
    }

    /// Makes one transfer, and notes what it did, however it ends. A connection that stands behind it is kept.
    private func run(
        _ transfer: Transfer, on connection: Connection, _ key: ConnectionPool.Key, deadline: UInt64,
        cancellation: EgressCancellation, _ progress: EgressProgress, _ report: inout Report
    ) throws(SluiceError) {
        defer {
            report.bytesSent += transfer.bytesSent
            report.bytesReceived += transfer.bytesReceived
            let status = transfer.answer.status
            report.leave(status: status >= 200 ? status : nil, secret: transfer.wasAsked ? key.secret : nil)
            progress.note(report)
        }
        do throws(SluiceError) {
            let stands = try transfer.run(on: connection, deadline: deadline, cancellation: cancellation)
            if stands { pool.keep(connection, key) }
        } catch {
            if error.detail == ErrorKind.egressReset.id, transfer.isKept, transfer.answer.status == 0 {
                pool.avoid(key)
            }
            throw error
        }
    }

    /// What proves who asks; nil also where a server may do without and policy binds no such secret to its origin.
    private func authentication(of endpoint: EgressEndpoint) -> EgressEndpoint.Authentication? {
        guard let authentication = endpoint.authentication, authentication.isOptional else {
            return endpoint.authentication
        }
        let rule = engine.manifest.egress.secrets[authentication.secret]
        return rule?.origins.contains(endpoint.origin) == true ? authentication : nil
    }

    /// What the manifest says about a request.
    private func admit(
        _ request: EgressRequest, _ endpoints: [EgressEndpoint], _ report: inout Report
    ) throws(SluiceError) -> Hop {
        guard let endpoint = endpoints.first(where: { $0.name == request.endpoint }) else {
            throw SluiceError(.egressEndpoint, "The plugin's manifest names no endpoint as the request does.")
        }
        report.endpoint = endpoint.name
        report.origin = endpoint.origin
        guard endpoint.methods.contains(request.method) else {
            throw SluiceError(
                .egressEndpoint,
                "The endpoint \(endpoint.name) takes \(endpoint.methods.joined(separator: ", ")), not the request's method."
            )
        }
        report.method = request.method
        guard let asked = EgressTarget(request.path) else {
            throw EgressRequest.refused(
                "the path is not plain: it begins with one slash and holds no dot segments, encoded slashes or blanks")
        }
        guard let target = endpoint.target(for: asked) else {
            throw SluiceError(
                .egressEndpoint,
                "The path lies outside of \(endpoint.requestPrefix ?? endpoint.pathPrefix), where \(endpoint.name) ends."
            )
        }
        try request.checkHeaders(secretHeaders: Set(endpoints.compactMap { $0.authentication?.header }))
        guard request.body.isEmpty || (request.method != "GET" && request.method != "HEAD") else {
            throw EgressRequest.refused("a \(request.method) has no body")
        }
        guard request.body.count <= endpoint.maximumBytes else {
            throw SluiceError(
                .egressSize,
                "The request's body has \(request.body.count) bytes; \(endpoint.name) takes \(endpoint.maximumBytes).")
        }
        return Hop(
            endpoint: endpoint, target: target, method: request.method, headers: request.headers, body: request.body)
    }

    /// What policy says about an origin.
    private func allow(_ endpoint: EgressEndpoint) throws(SluiceError) {
        let decision = engine.decide(
            egress: endpoint.origin, declaredLocal: endpoint.isLocal, dataClasses: dataClasses)
        guard decision.isAllowed else {
            throw SluiceError(.egressPolicy, "\(endpoint.origin) may not be reached (\(decision.rule)).")
        }
    }

    /// Looks the host up, once, and refuses it whole when one of its addresses is not of the right kind.
    private func pin(_ endpoint: EgressEndpoint) throws(SluiceError) -> Connection.Route {
        let isLocal = engine.isLocal(endpoint.host, declaredLocal: endpoint.isLocal)
        let addresses = try lookUp(endpoint.host)
        for address in addresses {
            let fits =
                switch address.reach {
                // What is called local never crosses the public network, whatever the host's name says today: policy
                // counts it as not leaving the private one. The same holds for plain http.
                case .global: endpoint.origin.scheme == .https && !isLocal
                case .local: isLocal
                case .never: false
                }
            guard fits else {
                let whose = isLocal ? "the host is called local" : "plain http is for local ones"
                let kind = address.reach == .global ? "a public address, and \(whose)" : "not a public one"
                throw SluiceError(
                    .egressAddress, "\(endpoint.host) has the address \(address): \(kind). Nothing was sent.")
            }
        }
        guard !isLocal, let proxy = engine.manifest.egress.proxy else {
            return Connection.Route(addresses: addresses, proxy: nil)
        }
        return Connection.Route(addresses: addresses, proxy: (proxy, try lookUp(proxy.host)))
    }

    private func lookUp(_ host: String) throws(SluiceError) -> [IPAddress] {
        if let literal = IPAddress(host) { return [literal] }
        let addresses = try resolver.addresses(of: host)
        guard !addresses.isEmpty else { throw SluiceError(.egressUnreachable, "The host \(host) has no address.") }
        return addresses
    }

    private static func line(
        _ authentication: EgressEndpoint.Authentication?, _ secret: LockedBytes?
    ) throws(SluiceError) -> LockedBytes? {
        guard let authentication, let secret else { return nil }
        let room = authentication.header.utf8.count + (authentication.scheme?.utf8.count ?? 0) + secret.count + 8
        guard let line = LockedBytes(capacity: room), line.append(plain: authentication.header), line.append(": "),
            authentication.scheme.map({ line.append(plain: $0 + " ") }) ?? true,
            secret.withBytes({ line.append($0) }), line.append("\0")
        else {
            throw SluiceError(
                .egressSecret, "There is no locked memory for secret:\(authentication.secret).",
                hint: "Raise the limit of locked memory (`ulimit -l`).")
        }
        return line
    }

    // MARK: Redirects

    /// The next hop, if the answer is a redirect; nil when it is the answer itself.
    private func redirected(
        _ hop: Hop, _ answer: Transfer.Answer, _ first: EgressEndpoint, _ endpoints: [EgressEndpoint],
        _ report: inout Report
    ) throws(SluiceError) -> Hop? {
        guard answer.isRedirect else { return nil }
        let places = answer.headers.filter { $0.name == "location" }
        guard let place = places.first else { return nil }
        func refuse(_ reason: String) -> SluiceError {
            SluiceError(.egressRedirect, "\(hop.endpoint.origin) redirects \(reason). It was not followed.")
        }
        guard report.redirects < limits.redirects else { throw refuse("more than \(limits.redirects) times") }
        guard places.count == 1,
            let (origin, target) = EgressTarget.resolve(place.value, from: hop.endpoint.origin, hop.target)
        else {
            throw refuse("to something that is not a plain http or https URL")
        }
        guard origin.scheme == .https || hop.endpoint.origin.scheme == .http else {
            throw refuse("from https to plain http")
        }
        var next = hop
        next.target = target
        // RFC 9110 §15.4: 303 asks for a GET, and so in practice do 301 and 302 after a POST.
        if answer.status == 303 && hop.method != "HEAD" || (answer.status < 303 && hop.method == "POST") {
            next.method = "GET"
            next.body = []
            next.headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
        }
        let candidates = endpoints.filter {
            $0.origin == origin && $0.methods.contains(next.method) && $0.holds(target)
        }
        guard let endpoint = candidates.first(where: { $0 == hop.endpoint }) ?? candidates.first else {
            throw refuse("to a place, method or path that the plugin's manifest does not name")
        }
        let way = engine.decide(egress: origin, declaredLocal: endpoint.isLocal, dataClasses: dataClasses)
        guard way.isAllowed else {
            throw refuse("to \(origin), which the Policy Manifest does not allow")
        }
        guard next.body.count <= endpoint.maximumBytes else { throw refuse("to an endpoint that takes less") }
        if origin != first.origin {
            // What the plugin said to one server is not for another, but for what describes the body.
            next.headers.removeAll { !["accept", "content-type"].contains($0.name.lowercased()) }
        }
        next.endpoint = endpoint
        report.redirects += 1
        return next
    }

    // MARK: The answer

    private func response(
        _ answer: inout Transfer.Answer, _ redaction: SecretRedaction?, _ report: inout Report
    ) -> EgressResponse {
        var headers = answer.headers
        if let redaction {
            report.redactions += redaction.clean(&answer.body)
            headers = headers.map { header in
                let name = redaction.clean(header.name)
                let value = redaction.clean(header.value)
                report.redactions += name.found + value.found
                return EgressRequest.Header(name.text, value.text)
            }
        }
        return EgressResponse(
            status: answer.status, headers: headers, body: answer.body, retryAfterMilliseconds: retryAfter(headers))
    }

    /// RFC 9110 §10.2.3: seconds, or a date.
    private func retryAfter(_ headers: [EgressRequest.Header]) -> UInt64? {
        guard let text = headers.first(where: { $0.name == "retry-after" })?.value, !text.isEmpty else { return nil }
        let day: Int64 = 86_400
        let seconds: Int64
        if text.utf8.allSatisfy({ (48...57).contains($0) }) {
            seconds = Int64(text) ?? day
        } else {
            let date = ccurl_date(text)
            guard date >= 0 else { return nil }
            seconds = date - now() / 1000
        }
        return UInt64(max(0, min(seconds, day))) * 1000
    }
}
