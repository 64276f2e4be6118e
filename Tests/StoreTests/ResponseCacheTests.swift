import Contracts
import Databases
import Foundations
import Synchronization
import Testing

@testable import Store

/// A clock that a test sets, in milliseconds.
private final class Clock: Sendable {
    private let time = Mutex<Int64>(1_800_000_000_000)

    var now: Int64 { time.withLock { $0 } }
    func move(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }
}

private let second: Int64 = 1000
private let hour: Int64 = 3_600_000

private func withCache<R>(
    limits: ResponseCache.Limits = ResponseCache.Limits(),
    _ body: (ResponseCache, StoreDatabase, Clock, ULID) throws -> R
) throws -> R {
    try withFolder { folder in
        let clock = Clock()
        var context = Context.system
        context.now = { clock.now }
        let store = try StoreDatabase(home: try Home(path: folder + "/home", context: context), context: context)
        return try body(ResponseCache(store, limits: limits), store, clock, try store.makeRun())
    }
}

private func makeKey(_ prompt: String = "p", lane: Lane = .interactive) -> ResponseKey {
    ResponseKey(
        operation: "embed", provider: "sluice.provider.local", providerVersion: "0.1.0",
        providerBinary: SHA256.hash("library"), model: "weights@1", parameters: ["config": [:]],
        systemPromptHash: SHA256.hash(""), userPromptHash: SHA256.hash(prompt), lane: lane, mode: .dataMode,
        maskBeforeSend: true, localOnlyOverride: false,
        scope: RunContract.CacheScope(run: "r", tab: "t", filters: ["a": 1]),
        versions: ResponseKey.Versions(
            catalog: SHA256.hash("catalog"), mapping: nil, domains: "1+abc", thresholds: "tp+1", policy: "pm@1+abc"),
        locale: "C")
}

private func count(_ store: StoreDatabase) throws -> Int64 {
    try store.rows("SELECT count(*) FROM response_cache") { $0.int(0) }.first ?? -1
}

@Suite struct `The cache of answers` {
    private let answer = CachedResponse.answer([1, 2, 3])

    @Test func `gives back what was put, also to another run and another process`() throws {
        try withCache { cache, store, _, run in
            let empty = cache.response(to: makeKey(), run: run)
            #expect(empty == nil)
            let kept = cache.put(answer, under: makeKey(), run: run)
            #expect(kept)
            let other = ResponseCache(try StoreDatabase(home: store.home, context: store.context))
            let found = (
                cache.response(to: makeKey(), run: run), other.response(to: makeKey(), run: try store.makeRun("b"))
            )
            #expect(found.0 == answer && found.1 == answer)
            cache.put(.answer([9]), under: makeKey(), run: run)
            let rewritten = cache.response(to: makeKey(), run: run)
            #expect(rewritten == .answer([9]))
        }
    }

    // MARK: Life

    @Test(arguments: [(Lane.interactive, Int64(24)), (.flex, 72), (.batch, 168)])
    func `lets an answer live as long as its lane says`(_ lane: Lane, _ hours: Int64) throws {
        try withCache { cache, store, clock, run in
            cache.put(answer, under: makeKey(lane: lane), run: run)
            clock.move(hours * hour - 1)
            let last = cache.response(to: makeKey(lane: lane), run: run)
            #expect(last == answer)
            clock.move(1)
            let late = cache.response(to: makeKey(lane: lane), run: run)
            #expect(late == nil)
            let left1 = try count(store)
            #expect(left1 == 0)
        }
    }

    @Test(arguments: Lane.allCases)
    func `lets a refusal live five minutes in every lane`(_ lane: Lane) throws {
        try withCache { cache, _, clock, run in
            let refusal = CachedResponse.refusal(message: "no such model")
            cache.put(refusal, under: makeKey(lane: lane), run: run)
            clock.move(300 * second - 1)
            let last = cache.response(to: makeKey(lane: lane), run: run)
            #expect(last == refusal)
            clock.move(1)
            let late = cache.response(to: makeKey(lane: lane), run: run)
            #expect(late == nil)
        }
    }

    @Test func `holds what is from the future for dead, so that a clock that goes back lets nothing live for ever`()
        throws
    {
        try withCache { cache, store, clock, run in
            cache.put(answer, under: makeKey(), run: run)
            clock.move(-1)
            let early = cache.response(to: makeKey(), run: run)
            #expect(early == nil)
            let left2 = try count(store)
            #expect(left2 == 0)
            // Back to a time behind its beginning, but before its last use.
            cache.put(answer, under: makeKey(), run: run)
            clock.move(20 * hour)
            let used = cache.response(to: makeKey(), run: run)
            #expect(used == answer)
            clock.move(-19 * hour)
            let again = cache.response(to: makeKey(), run: run)
            #expect(again == nil)
            // Also without anybody who asks for it.
            cache.put(answer, under: makeKey("old"), run: run)
            clock.move(-hour)
            cache.put(answer, under: makeKey("new"), run: run)
            let left3 = try count(store)
            #expect(left3 == 1)
        }
    }

    // MARK: Room

    @Test func `keeps no entry above the largest size, and drops what that entry was to replace`() throws {
        try withCache { cache, store, _, run in
            let largest = cache.put(.answer([UInt8](repeating: 7, count: 2_000_000)), under: makeKey(), run: run)
            let above = cache.put(.answer([UInt8](repeating: 7, count: 2_000_001)), under: makeKey(), run: run)
            #expect(largest && !above)
            let left4 = try count(store)
            #expect(left4 == 0)
        }
    }

    private func body(_ count: Int) -> CachedResponse { .answer([UInt8](repeating: 1, count: count)) }

    private func present(_ cache: ResponseCache, _ names: [String], _ store: StoreDatabase) throws -> [String] {
        let known = Set(try store.rows("SELECT key FROM response_cache") { $0.text(0) ?? "" })
        return names.filter { known.contains(makeKey($0).digest.hex) }
    }

    @Test func `makes room by dropping what is used least, and of equals what was used longest ago`() throws {
        try withCache(limits: .init(entryBytes: 100, scopeBytes: 300, totalBytes: 300)) { cache, store, clock, run in
            for name in ["a", "b", "c"] {
                cache.put(body(100), under: makeKey(name), run: run)
                clock.move(second)
            }
            for name in ["c", "a", "c", "a", "b"] {
                _ = cache.response(to: makeKey(name), run: run)
                clock.move(second)
            }
            // b was used last, and least.
            cache.put(body(100), under: makeKey("d"), run: run)
            let left5 = try present(cache, ["a", "b", "c", "d"], store)
            #expect(left5 == ["a", "c", "d"])
            for _ in 0..<3 { _ = cache.response(to: makeKey("d"), run: run) }
            clock.move(second)
            // a and c were used as often; c longer ago.
            cache.put(body(100), under: makeKey("e"), run: run)
            let left6 = try present(cache, ["a", "c", "d", "e"], store)
            #expect(left6 == ["a", "d", "e"])
        }
    }

    @Test func `makes no more room than it needs, and never drops what it is made for`() throws {
        try withCache(limits: .init(entryBytes: 300, scopeBytes: 300, totalBytes: 300)) { cache, store, clock, run in
            for name in ["a", "b", "c"] {
                cache.put(body(100), under: makeKey(name), run: run)
                _ = cache.response(to: makeKey(name), run: run)
                clock.move(second)
            }
            cache.put(body(150), under: makeKey("d"), run: run)
            let left7 = try present(cache, ["a", "b", "c", "d"], store)
            #expect(left7 == ["c", "d"])
            cache.put(body(300), under: makeKey("e"), run: run)
            let left8 = try present(cache, ["a", "b", "c", "d", "e"], store)
            #expect(left8 == ["e"])
        }
    }

    @Test func `gives one scope no more than its share`() throws {
        try withCache(limits: .init(entryBytes: 100, scopeBytes: 200, totalBytes: 1000)) { cache, store, clock, run in
            var other = makeKey("a")
            other.scope.tab = "another"
            cache.put(body(100), under: other, run: run)
            for name in ["a", "b", "c"] {
                clock.move(second)
                cache.put(body(100), under: makeKey(name), run: run)
            }
            let left9 = try present(cache, ["a", "b", "c"], store)
            #expect(left9 == ["b", "c"])
            let kept = cache.response(to: other, run: run)
            #expect(kept != nil)
        }
    }

    // MARK: Damage

    static let damage = [
        "body = x'010204'", "body = x'0102'", "kind = 'refusal'", "lane = 'batch'", "expires_at = expires_at + 1",
        "created_at = created_at - 1", "mac = zeroblob(32)", "mac = x''", "scope = 'x'", "body = zeroblob(2000001)",
    ]

    @Test(arguments: damage)
    func `takes an entry that was changed for a miss`(_ change: String) throws {
        try withCache { cache, store, _, run in
            cache.put(answer, under: makeKey(), run: run)
            try store.change("UPDATE response_cache SET \(change)")
            let found = cache.response(to: makeKey(), run: run)
            #expect(found == nil)
            cache.put(answer, under: makeKey(), run: run)
            let mended = cache.response(to: makeKey(), run: run)
            #expect(mended == answer)
        }
    }

    @Test func `removes an entry that was damaged`() throws {
        try withCache { cache, store, _, run in
            cache.put(answer, under: makeKey(), run: run)
            try store.change("UPDATE response_cache SET body = x'00'")
            _ = cache.response(to: makeKey(), run: run)
            let left10 = try count(store)
            #expect(left10 == 0)
        }
    }

    @Test func `takes an entry that lies under another key for a miss`() throws {
        try withCache { cache, store, _, run in
            cache.put(answer, under: makeKey("a"), run: run)
            try store.change("PRAGMA foreign_keys = OFF")
            try store.change("UPDATE response_cache SET key = ?", [.text(makeKey("b").digest.hex)])
            let found = cache.response(to: makeKey("b"), run: run)
            #expect(found == nil)
        }
    }

    @Test func `is a miss when the database refuses, and throws nothing`() throws {
        try withCache { cache, store, _, run in
            cache.put(answer, under: makeKey(), run: run)
            try store.change("DROP TABLE response_cache_runs")
            let unlinked = cache.response(to: makeKey(), run: run)
            try store.change("DROP TABLE response_cache")
            let found = cache.response(to: makeKey(), run: run)
            let kept = cache.put(answer, under: makeKey(), run: run)
            cache.remove(makeKey())
            #expect(unlinked == nil && found == nil && !kept)
        }
    }

    @Test func `is used by many connections at once`() throws {
        try withCache { cache, store, _, run in
            cache.put(answer, under: makeKey("shared"), run: run)
            let home = store.home
            let context = store.context
            let failed = try inThreads(6) { thread in
                let cache = ResponseCache(try StoreDatabase(home: home, context: context))
                return (0..<20).count { round in
                    let key = makeKey("\(thread)/\(round)")
                    let own = CachedResponse.answer([UInt8(thread), UInt8(round)])
                    let kept = cache.put(own, under: key, run: run)
                    let found = cache.response(to: key, run: run)
                    let shared = cache.response(to: makeKey("shared"), run: run)
                    return !kept || found != own || shared != .answer([1, 2, 3])
                }
            }
            #expect(failed == [0, 0, 0, 0, 0, 0])
            let uses = try store.rows(
                "SELECT uses FROM response_cache WHERE key = ?", [.text(makeKey("shared").digest.hex)]
            ) { $0.int(0) }
            #expect(uses == [121])
        }
    }
}

@Suite struct `The key of an answer` {
    static let changes: [(String, @Sendable (inout ResponseKey) -> Void)] = [
        ("operation", { $0.operation = "complete" }), ("provider", { $0.provider = "other" }),
        ("provider version", { $0.providerVersion = "0.1.1" }),
        ("provider binary", { $0.providerBinary = SHA256.hash("other") }), ("model", { $0.model = "weights@2" }),
        ("parameters", { $0.parameters = ["config": ["a": 1]] }),
        ("system prompt", { $0.systemPromptHash = SHA256.hash("you are") }),
        ("user prompt", { $0.userPromptHash = SHA256.hash("q") }), ("lane", { $0.lane = .flex }),
        ("mode", { $0.mode = .metadataOnly }), ("masking", { $0.maskBeforeSend = false }),
        ("override", { $0.localOnlyOverride = true }), ("scope: run", { $0.scope.run = nil }),
        ("scope: tab", { $0.scope.tab = "" }), ("scope: filters", { $0.scope.filters = ["a": 2] }),
        ("catalog", { $0.versions.catalog = SHA256.hash("other") }),
        ("mapping", { $0.versions.mapping = SHA256.hash("plan") }), ("domains", { $0.versions.domains = "2+abc" }),
        ("thresholds", { $0.versions.thresholds = "tp+2" }), ("policy", { $0.versions.policy = "pm@1+abd" }),
        ("template", { $0.versions.template = "t@1+abc" }), ("locale", { $0.locale = "de_DE.UTF-8" }),
    ]

    @Test(arguments: changes.indices)
    func `changes with every single field`(_ index: Int) throws {
        let (name, change) = Self.changes[index]
        var key = makeKey()
        change(&key)
        #expect(key.digest != makeKey().digest, "\(name)")
        try withCache { cache, _, _, run in
            cache.put(.answer([1]), under: makeKey(), run: run)
            let found = cache.response(to: key, run: run)
            #expect(found == nil, "\(name)")
        }
    }

    @Test func `no two changes meet`() {
        var seen = Set([makeKey().digest])
        for (_, change) in Self.changes {
            var key = makeKey()
            change(&key)
            seen.insert(key.digest)
        }
        #expect(seen.count == Self.changes.count + 1)
    }

    @Test func `has every stored field, so that none is forgotten`() {
        // `scope` and `versions` have more in their places.
        let key = makeKey()
        let fields =
            Mirror(reflecting: key).children.count - 2 + Mirror(reflecting: key.scope).children.count
            + Mirror(reflecting: key.versions).children.count
        #expect(fields == Self.changes.count)
    }
}

@Suite struct `A change of lane` {
    @Test func `drops the run's answers of the old lane and no other`() throws {
        try withCache { cache, store, _, run in
            let other = try store.makeRun("other")
            cache.put(.answer([1]), under: makeKey("own"), run: run)
            cache.put(.answer([2]), under: makeKey("used"), run: other)
            _ = cache.response(to: makeKey("used"), run: run)
            cache.put(.answer([3]), under: makeKey("other"), run: other)
            cache.put(.answer([4]), under: makeKey("own", lane: .flex), run: run)
            let event = Mutex<Int?>(nil)
            try store.changeLane(run, from: .interactive, to: .flex, inputs: ["lane_hint": "flex"]) { dropped in
                event.withLock { $0 = dropped }
                return makeEvent(run, .supervisor, note: ["event": "lane_changed", "dropped": JSON(dropped)])
            }
            let left = [
                cache.response(to: makeKey("own"), run: run), cache.response(to: makeKey("used"), run: run),
                cache.response(to: makeKey("other"), run: other),
                cache.response(to: makeKey("own", lane: .flex), run: run),
            ]
            #expect(left == [nil, nil, .answer([3]), .answer([4])])
            let record = try store.run(run)
            #expect(record.lane == .flex && record.laneInputs == ["lane_hint": "flex"])
            let notes = try store.events(run).map { $0.event.note["dropped"] }
            #expect(notes == [2])
            let told = event.withLock { $0 }
            #expect(told == 2)
        }
    }

    @Test func `is whole or absent`() throws {
        try withCache { cache, store, _, run in
            cache.put(.answer([1]), under: makeKey(), run: run)
            expectFailure("run.state") {
                try store.changeLane(run, from: .interactive, to: .batch, inputs: [:]) {
                    (_) throws(SluiceError) in throw SluiceError(.runState, "no")
                }
            }
            let left = cache.response(to: makeKey(), run: run)
            #expect(left == .answer([1]))
            let record = try store.run(run)
            #expect(record.lane == .interactive && record.laneInputs?.canonicalText == nil)
            let events = try store.events(run).count
            #expect(events == 0)
        }
    }
}
