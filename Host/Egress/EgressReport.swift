public import Contracts
public import Foundations
internal import Synchronization

extension EgressBroker {
    /// What one request did, for the ledger; holds no header, no body and no path.
    public struct Report: Sendable, Equatable {
        /// One place that was asked: the one that the plugin named, or one that a server redirected to.
        public struct Hop: Sendable, Equatable {
            /// As the manifest names it.
            public let endpoint: String
            public let origin: Origin
            public let method: String
            /// nil when there was no answer.
            public var status: Int?
            /// The secret that was sent there, by name.
            public var secret: String?
        }

        /// As the manifest names it; empty when the request named none that there is. Of the last hop, as all that
        /// follows up to `status`.
        public var endpoint = ""
        public var origin: Origin?
        public var method = ""
        /// nil when the last hop had no answer.
        public var status: Int?
        /// Every place that was asked, in order; empty when the request was refused before.
        public private(set) var hops: [Hop] = []
        /// Bytes on the wire, heads included, TLS not.
        public var bytesSent = 0
        public var bytesReceived = 0
        public var redirects = 0
        public var milliseconds = 0
        /// Places in the answer from which the secret was taken out.
        public var redactions = 0
        public var error: SluiceError?

        public init() {}

        /// The secret that was sent, by name; nil when none left the host.
        public var secret: String? { hops.lazy.compactMap(\.secret).first }

        /// Rough, so that two runs of the same requests are told in the same words.
        public var durationClass: String {
            switch milliseconds {
            case ..<100: "under_100_ms"
            case ..<1000: "under_1_s"
            case ..<10_000: "under_10_s"
            case ..<60_000: "under_1_min"
            default: "over_1_min"
            }
        }

        /// A place is about to be asked.
        mutating func enter(_ place: EgressEndpoint, method: String) {
            endpoint = place.name
            origin = place.origin
            self.method = method
            status = nil
            hops.append(Hop(endpoint: place.name, origin: place.origin, method: method))
        }

        /// The place that was entered last was asked.
        mutating func leave(status: Int?, secret: String?) {
            self.status = status
            guard !hops.isEmpty else { return }
            hops[hops.count - 1].status = status
            hops[hops.count - 1].secret = secret
        }
    }
}

/// What a request did so far, for whoever gives it up. Any thread.
public final class EgressProgress: Sendable {
    private let latest: Mutex<EgressBroker.Report>

    public init(_ report: EgressBroker.Report = EgressBroker.Report()) { latest = Mutex(report) }

    public var report: EgressBroker.Report { latest.withLock { $0 } }

    func note(_ report: EgressBroker.Report) { latest.withLock { $0 = report } }
}
