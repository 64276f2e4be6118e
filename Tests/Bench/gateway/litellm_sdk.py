"""The LiteLLM SDK as an arm of bench-gateway: litellm_sdk.py PORT REQUESTS RATE, one JSON document on standard output."""
import asyncio, json, os, resource, sys, time

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm

PORT, COUNT, RATE = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
MESSAGES = [
    {"role": "system", "content": "You decide what a column of a table means. Choose one of the ids, or none. Answer with JSON alone."},
    {"role": "user", "content": '{"column":"e_mail","type":"text","candidates":["contact.email","contact.phone","person.full_name"]}'},
]
WANTED = '{"domain":"contact.email","confidence":0.9}'


async def ask():
    answer = await litellm.acompletion(
        model="openai/gpt-4o-mini", messages=MESSAGES, temperature=0, max_tokens=64, api_key="sk-bench-0123456789",
        api_base=f"http://127.0.0.1:{PORT}/v1", num_retries=0)
    assert answer.choices[0].message.content == WANTED, answer


def spent():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def main():
    for _ in range(100):
        await ask()
    before, times = spent(), [0.0] * COUNT
    if RATE == 0:
        for number in range(COUNT):
            start = time.perf_counter()
            await ask()
            times[number] = time.perf_counter() - start
    else:
        start = time.perf_counter() + 0.005

        async def one(number):
            due = start + number / RATE
            await asyncio.sleep(max(0, due - time.perf_counter()))
            await ask()
            times[number] = time.perf_counter() - due

        await asyncio.gather(*(one(number) for number in range(COUNT)))
    print(json.dumps({
        "latencies_us": [round(each * 1e6, 1) for each in times], "cpu_s": spent() - before,
        "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


asyncio.run(main())
