import Contracts
import Egress
import Foundations
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import PluginHost
@testable import Policy

/// What a pool's threads tell a test.
private final class Told: Sendable {
    let misconduct = Mutex<[String]>([])
    let records = Mutex<[EgressRecord]>([])
    let lines = Mutex<[String]>([])
    let starts = Mutex<[PluginStart]>([])
}

private final class PoolScene {
    let workshop: Workshop
    let told = Told()
    let plugin: InstalledPlugin

    init(wall: Double = 30, egress: JSON = []) throws {
        workshop = try Workshop()
        plugin = try workshop.plugin("model_provider", kind: .provider, wall: wall, egress: egress)
    }

    func pool(
        _ processes: Int = 4, wayOut: ProviderPool.WayOut? = nil, onLine: (@Sendable (String) -> Void)? = nil
    ) throws -> ProviderPool {
        let told = told
        let care = ProviderPool.Care(
            admit: { _ in }, onMisconduct: { one in told.misconduct.withLock { $0.append(one.reason) } },
            onStart: { start in told.starts.withLock { $0.append(start) } })
        return try ProviderPool(
            plugin, processes: processes, wayOut: wayOut, settings: workshop.settings, permit: permit(.callProvider),
            care: care,
            onLog: { line in
                told.lines.withLock { $0.append(line.message) }
                onLine?(line.message)
            })
    }
}

private func request(_ model: String, _ text: String = "hello") -> ModelRequest {
    ModelRequest(model: model, messages: [.init(.user, MaskedPrompt(masked: text))])
}

private func after(_ seconds: Double) -> UInt64 { Context.system.monotonic() + UInt64(seconds * 1e9) }

private func failed<Answer>(
    _ outcome: Result<Answer, ProviderFailure>, sourceLocation: SourceLocation = #_sourceLocation
) -> ProviderFailure {
    switch outcome {
    case .failure(let failure): return failure
    case .success(let answer):
        Issue.record("it did not fail: \(answer)", sourceLocation: sourceLocation)
        return ProviderFailure(.timeout, reason: "none", message: "")
    }
}

/// Runs so many threads and waits for all of them.
private func onThreads(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
    let done = StopSignal()
    let shared = Countdown(count, done)
    for place in 0..<count {
        let isStarted = OwnThread.start {
            work(place)
            shared.tick()
        }
        if !isStarted { shared.tick() }
    }
    while !done.isRaised {
        var waited = pollfd(fd: done.descriptor, events: Int16(POLLIN), revents: 0)
        poll(&waited, 1, 1000)
    }
}

private final class Countdown: Sendable {
    private let left: Mutex<Int>
    private let done: StopSignal

    init(_ count: Int, _ done: StopSignal) {
        left = Mutex(count)
        self.done = done
    }

    func tick() {
        let rest = left.withLock { left in
            left -= 1
            return left
        }
        if rest == 0 { done.raise() }
    }
}

extension `Processes` {
    @Suite(.serialized, .enabled(if: Workshop.realRunner != nil, Workshop.noRunner))
    struct `A provider that completes` {
        private let scene: PoolScene

        init() throws { scene = try PoolScene() }

        @Test func `answers in the one form, and keeps its process`() throws {
            let pool = try scene.pool()
            #expect(pool.processes == 0, "nothing is started before it is needed")
            let echo = try pool.infer(request("echo"), deadline: after(10)).get()
            #expect(echo == ModelAnswer(model: "echo", text: "1 of 1", finish: .stop, usage: nil))
            let later = try pool.infer(request("later"), deadline: after(10)).get()
            #expect(later.usage == TokenUsage(input: 9, cachedInput: 4, output: 2))
            #expect(later.tier == .flex && later.treatments == ["temperature": "mapped"] && later.requestID == "r-1")
            #expect(
                try pool.infer(request("echo"), deadline: after(10)).get().text == "1 of 3", "one process did it all")
            #expect(
                try pool.tokens([MaskedPrompt(masked: "12345678"), MaskedPrompt(masked: "")], model: "m").get() == [
                    2, 0,
                ])
            #expect((try? pool.probe(deadline: after(10)).get()) != nil)
            #expect(pool.processes == 1)
            // In which sandbox, and of which files: it is told once, before it is asked.
            let starts = scene.told.starts.withLock { $0 }
            #expect(starts.map(\.id) == [scene.plugin.manifest.id] && starts.first?.libraries.isEmpty == false)
            #expect(starts.first?.activeLayers.contains(.seccomp) == true)
            pool.close()
            #expect(pool.processes == 0 && scene.workshop.survivors() == [])
            let uncalled = failed(pool.infer(request("echo"), deadline: after(10)))
            #expect(uncalled.reason == "cancelled" && !uncalled.wasCalled)
        }

        @Test(
            arguments: [
                "garbage", "number", "neither", "both", "wrong_type", "wrong_finish", "negative", "more", "no_code",
                "huge", "crowd",
            ])
        func `that answers what no provider may is QUARANTINE_REQUIRED and lives on`(model: String) throws {
            let pool = try scene.pool()
            let failure = failed(pool.infer(request(model), deadline: after(20)))
            #expect(failure.code == .quarantineRequired && failure.scope == .request, "\(failure)")
            #expect(failure.reason == "answer_malformed" && failure.message.utf8.count < 400)
            #expect((try? pool.infer(request("echo"), deadline: after(10)).get().text) == "1 of 2")
            #expect(scene.told.misconduct.withLock { $0 } == [])
        }

        @Test func `tells its failures in either way`() throws {
            let pool = try scene.pool()
            let refused = failed(pool.infer(request("refused"), deadline: after(10)))
            var expected = ProviderFailure(
                .quotaExhausted, scope: .credential, reason: "insufficient_quota", message: "pay first", status: 429,
                retryAfterMilliseconds: 2000)
            expected.wasSent = false
            #expect(refused == expected, "it has no way out, whatever it says")
            let limit = failed(pool.infer(request("limit"), deadline: after(10)))
            #expect(limit.code == .rateLimit && limit.scope == .request && limit.retryAfterMilliseconds == 1500)
            let unknown = failed(pool.infer(request("none"), deadline: after(10)))
            #expect(unknown.code == .deterministicFailure && unknown.reason == "plugin_failed")
            let mimic = failed(pool.infer(request("mimic"), deadline: after(10)))
            #expect(mimic.reason == "plugin_failed", "the runner's words are the runner's: \(mimic)")
            #expect(pool.processes == 1)
        }

        @Test func `that dies is unhealthy, counts, and is replaced`() throws {
            let pool = try scene.pool()
            let failure = failed(pool.infer(request("abort"), deadline: after(10)))
            #expect(
                failure.code == .providerUnhealthy && failure.scope == .provider && failure.reason == "plugin_crashed")
            #expect(scene.told.misconduct.withLock { $0 } == ["plugin.crashed"])
            #expect(pool.processes == 0)
            #expect(try pool.infer(request("echo"), deadline: after(10)).get().text == "1 of 1")
        }

        @Test func `that died while it was idle is replaced before anybody meets it`() throws {
            let pool = try scene.pool()
            _ = try pool.infer(request("echo"), deadline: after(10)).get()
            let idle = try #require(pool.idleProcesses.first)
            kill(-idle, SIGKILL)
            // Of its processes the one that is not reaped yet is left.
            #expect(scene.workshop.survivors(expected: 1).count <= 1)
            #expect(try pool.infer(request("echo"), deadline: after(10)).get().text == "1 of 1")
            #expect(pool.idleProcesses.first != idle)
        }

        @Test func `is given the caller's time, and is kept when it ends its call then`() throws {
            scene.workshop.settings.graceSeconds = 10
            let pool = try scene.pool()
            _ = try pool.infer(request("echo"), deadline: after(10)).get()
            let begin = Context.system.monotonic()
            let failure = failed(pool.infer(request("wait"), deadline: after(0.2)))
            #expect(failure.code == .timeout && failure.scope == .request && failure.reason == "deadline")
            #expect(failure.wasCalled)
            #expect(Double(Context.system.monotonic() - begin) / 1e9 < 5)
            #expect(scene.told.misconduct.withLock { $0 } == [], "it was in time for its manifest")
            #expect(try pool.infer(request("echo"), deadline: after(10)).get().text == "1 of 3", "the same process")
            let uncalled = failed(pool.infer(request("echo"), deadline: 1))
            #expect(uncalled.reason == "deadline" && !uncalled.wasCalled)
        }

        @Test func `that never answers is killed and counts`() throws {
            let pool = try scene.pool()
            _ = try pool.infer(request("echo"), deadline: after(10)).get()
            let failure = failed(pool.infer(request("deaf"), deadline: after(0.2)))
            #expect(failure.code == .timeout && failure.scope == .provider && failure.reason == "plugin_timeout")
            #expect(scene.told.misconduct.withLock { $0 } == ["plugin.timeout"])
            #expect(pool.processes == 0 && scene.workshop.survivors() == [])
        }

        @Test func `is cancelled by whoever asked, which ends that call alone`() throws {
            scene.workshop.settings.graceSeconds = 10
            let stop = StopSignal()
            let pool = try scene.pool(onLine: { if $0 == "wait" { stop.raise() } })
            let failure = failed(pool.infer(request("wait"), deadline: after(60), stop: stop))
            #expect(failure.code == .timeout && failure.reason == "cancelled" && failure.wasCalled)
            #expect(scene.told.misconduct.withLock { $0 } == [])
            #expect(try pool.infer(request("echo"), deadline: after(10)).get().text == "1 of 2")
            let uncalled = failed(pool.infer(request("echo"), deadline: after(10), stop: stop))
            #expect(uncalled.reason == "cancelled" && !uncalled.wasCalled)
            #expect(pool.processes == 1)
        }

        @Test func `has batches, which any of its processes knows`() throws {
            let pool = try scene.pool()
            let batch = try pool.submit([("a", request("m")), ("b", request("m"))], deadline: after(10)).get()
            #expect(batch == "batch of 2")
            let done = try pool.poll(batch: batch, deadline: after(10)).get()
            #expect(done.phase == .done && Set(done.results.keys) == ["a", "b", "c"])
            #expect(try done.results["a"]?.get().text == "hello")
            #expect(try pool.poll(batch: "running", deadline: after(10)).get() == ModelBatch(.running))
            #expect(try pool.poll(batch: "running", cancels: true, deadline: after(10)).get().phase == .cancelled)
            #expect(failed(pool.poll(batch: "twice", deadline: after(10))).code == .quarantineRequired)
            #expect(failed(pool.poll(batch: "nowhere", deadline: after(10))).code == .quarantineRequired)
            #expect(failed(pool.poll(batch: "lost", deadline: after(10))).reason == "unknown_batch")
            let same = failed(pool.submit([("a", request("m")), ("a", request("m"))], deadline: after(10)))
            #expect(same.code == .deterministicFailure && same.reason == "duplicate_id")
        }

        @Test func `without batches says that it has none`() throws {
            let plugin = try scene.workshop.plugin("refusing_provider", kind: .provider)
            let pool = try ProviderPool(plugin, settings: scene.workshop.settings, permit: permit(.callProvider))
            let failure = failed(pool.submit([("a", request("m"))], deadline: after(10)))
            #expect(failure.reason == "not_offered" && failure.code == .deterministicFailure)
        }

        @Test func `needs the permit for providers`() throws {
            #expect(
                failure {
                    _ = try ProviderPool(scene.plugin, settings: scene.workshop.settings, permit: permit(.callCheck))
                }?.detail == "policy.denied")
        }

        @Test func `that cannot be started is unhealthy, whoever asks`() throws {
            scene.workshop.settings.runnerPath = scene.workshop.folder + "/nowhere"
            let pool = try scene.pool()
            for _ in 0..<2 {
                let failure = failed(pool.infer(request("echo"), deadline: after(10)))
                #expect(failure.code == .providerUnhealthy && failure.scope == .provider, "\(failure)")
                #expect(pool.processes == 0)
            }
        }

        @Test func `serves many threads with as many processes as it may have, and no more`() throws {
            let pool = try scene.pool(3)
            let answers = Mutex<[String: Int]>([:])
            let most = Mutex<Int>(0)
            onThreads(16) { _ in
                for _ in 0..<25 {
                    let answer = pool.infer(request("echo"), deadline: after(60))
                    most.withLock { $0 = max($0, pool.processes) }
                    let word = (try? answer.get().text).map { _ in "answer" } ?? failed(answer).message
                    answers.withLock { $0[word, default: 0] += 1 }
                }
            }
            #expect(answers.withLock { $0 } == ["answer": 400])
            #expect(most.withLock { $0 } <= 3 && pool.idleProcesses.count == pool.processes)
            #expect(scene.workshop.survivors(expected: 100).count >= pool.processes)
            pool.close()
            #expect(scene.workshop.survivors() == [])
        }

        @Test func `survives crashes between other calls`() throws {
            let pool = try scene.pool(2)
            let outcomes = Mutex<[String: Int]>([:])
            onThreads(6) { place in
                for round in 0..<8 {
                    let model = place == 0 && round % 2 == 0 ? "abort" : "echo"
                    let word: String
                    switch pool.infer(request(model), deadline: after(60)) {
                    case .success: word = "answer"
                    case .failure(let failure): word = failure.reason
                    }
                    outcomes.withLock { $0[word, default: 0] += 1 }
                }
            }
            #expect(outcomes.withLock { $0 } == ["answer": 44, "plugin_crashed": 4])
            pool.close()
            #expect(scene.workshop.survivors() == [])
        }

        @Test func `lets a call wait no longer than its own time for a process`() throws {
            scene.workshop.settings.graceSeconds = 10
            let busy = StopSignal()
            let over = StopSignal()
            let pool = try scene.pool(1, onLine: { if $0 == "wait" { busy.raise() } })
            let first = Mutex<ProviderFailure?>(nil)
            onThreads(2) { place in
                if place == 0 {
                    let failure = failed(pool.infer(request("wait"), deadline: after(60), stop: over))
                    first.withLock { $0 = failure }
                } else {
                    while !busy.isRaised { poll(nil, 0, 1) }
                    let late = failed(pool.infer(request("echo"), deadline: after(0.05)))
                    #expect(late.reason == "deadline" && late.code == .timeout && !late.wasCalled)
                    over.raise()
                }
            }
            #expect(first.withLock { $0?.reason } == "cancelled")
            #expect(try pool.infer(request("echo"), deadline: after(10)).get().text == "1 of 2")
        }

        @Test func `starts no longer than its caller waits, and is not blamed for that`() throws {
            let slow = try scene.workshop.plugin("slow_provider", kind: .provider, wall: 60)
            let told = scene.told
            let care = ProviderPool.Care(
                admit: { _ in }, onMisconduct: { one in told.misconduct.withLock { $0.append(one.reason) } })
            let pool = try ProviderPool(
                slow, settings: scene.workshop.settings, permit: permit(.callProvider), care: care)
            let begin = Context.system.monotonic()
            let late = failed(pool.infer(request("echo"), deadline: after(1)))
            #expect(late.code == .timeout && late.reason == "deadline" && late.scope == .request, "\(late)")
            let stop = StopSignal()
            onThreads(2) { place in
                if place == 0 {
                    poll(nil, 0, 300)
                    stop.raise()
                } else {
                    #expect(failed(pool.infer(request("echo"), deadline: after(60), stop: stop)).reason == "cancelled")
                }
            }
            onThreads(2) { place in
                if place == 0 {
                    poll(nil, 0, 300)
                    pool.close()
                } else {
                    #expect(failed(pool.infer(request("echo"), deadline: after(60))).reason == "cancelled")
                }
            }
            #expect(Double(Context.system.monotonic() - begin) / 1e9 < 8, "its create sleeps nine seconds each time")
            #expect(told.misconduct.withLock { $0 } == [] && pool.processes == 0)
            #expect(scene.workshop.survivors() == [])
        }

        @Test func `counts tokens within the caller's time`() throws {
            let slow = try scene.workshop.plugin("slow_provider", kind: .provider, wall: 60)
            let pool = try ProviderPool(slow, settings: scene.workshop.settings, permit: permit(.callProvider))
            let begin = Context.system.monotonic()
            let late = failed(pool.tokens([MaskedPrompt(masked: "x")], model: "m", deadline: after(0.5)))
            #expect(late.reason == "deadline" && Double(Context.system.monotonic() - begin) / 1e9 < 5)
        }

        @Test func `ends what runs when it is closed`() throws {
            scene.workshop.settings.graceSeconds = 10
            let busy = StopSignal()
            let pool = try scene.pool(1, onLine: { if $0 == "wait" { busy.raise() } })
            onThreads(3) { place in
                if place == 0 {
                    while !busy.isRaised { poll(nil, 0, 1) }
                    pool.close()
                } else {
                    #expect(failed(pool.infer(request("wait"), deadline: after(60))).reason == "cancelled")
                }
            }
            #expect(pool.processes == 0 && scene.workshop.survivors() == [])
            #expect(scene.told.misconduct.withLock { $0 } == [])
        }
    }
}
