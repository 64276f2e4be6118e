import Foundations
import Glibc
import Synchronization
import Testing

@testable import Stages

@Suite struct `Errands of threads that ask models` {
    private static func call(_ name: String) -> ModelErrand {
        .call(
            ProviderCall(
                provider: name, plugin: "p@1", call: "infer", model: nil, promptHash: "", texts: 1, rule: "", ruleID: ""
            ))
    }

    private static func name(_ errand: ModelErrand) -> String {
        if case .call(let call) = errand { call.provider } else { "?" }
    }

    @Test func `are all done on the driving thread, one by one, and each is told what became of it`() throws {
        let errands = ModelErrands()
        let told = Mutex<[String: Bool]>([:])
        var done: [String] = []
        errands.serve(
            { (errand) throws(SluiceError) in
                done.append(Self.name(errand))
                if Self.name(errand).hasSuffix("7") { throw SluiceError(.storeFailed, "no") }
            },
            while: {
                let left = Atomic<Int>(8)
                let all = StopSignal()
                let count = Counter(left)
                for thread in 0..<8 {
                    let started = OwnThread.start {
                        for number in 0..<50 {
                            let name = "\(thread).\(number)"
                            var isDone = true
                            do throws(SluiceError) { try errands.post(Self.call(name)) } catch { isDone = false }
                            told.withLock { $0[name] = isDone }
                        }
                        if count.down() == 0 { all.raise() }
                    }
                    if !started { all.raise() }
                }
                while !all.isRaised { OwnThreadTests.pause() }
            })
        #expect(done.count == 400 && Set(done).count == 400)
        let outcomes = told.withLock { $0 }
        #expect(outcomes.count == 400)
        for (name, isDone) in outcomes { #expect(isDone == !name.hasSuffix("7"), "\(name)") }
    }

    @Test func `that come between two questions wait, and none waits when the drive has ended`() throws {
        let errands = ModelErrands()
        let posted = StopSignal()
        let refused = Mutex<String?>(nil)
        let ended = StopSignal()
        let started = OwnThread.start {
            posted.raise()
            try? errands.post(Self.call("late"))
            do throws(SluiceError) { try errands.post(Self.call("later")) } catch {
                refused.withLock { $0 = error.detail }
            }
            ended.raise()
        }
        try #require(started)
        while !posted.isRaised { OwnThreadTests.pause() }
        var done: [String] = []
        // Whether the first is posted before the close or after it, it is done or refused, and nobody hangs.
        errands.close { done.append(Self.name($0)) }
        while !ended.isRaised { OwnThreadTests.pause() }
        #expect(done.isEmpty || done == ["late"] || done == ["late", "later"])
        #expect(refused.withLock { $0 } == "run.stopped" || done.count == 2)
    }

    @Test func `leave the driving thread a look at the run while it waits`() throws {
        let errands = ModelErrands()
        let halt = StopSignal()
        var looks = 0
        errands.serve(
            { _ in },
            look: {
                looks += 1
                if looks == 2 { halt.raise() }
            }, while: { while !halt.isRaised { OwnThreadTests.pause() } })
        #expect(looks >= 2)
    }
}

private final class Counter: Sendable {
    private let left: Atomic<Int>
    init(_ left: consuming Atomic<Int>) { self.left = left }
    func down() -> Int { left.subtract(1, ordering: .acquiringAndReleasing).newValue }
}

private enum OwnThreadTests {
    /// Lets others run.
    static func pause() { sched_yield() }
}
