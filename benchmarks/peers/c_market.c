/* The minimal market, blocked: a block of customers lives all its months while its arrays stay in cache. Every step is
   short loops over the customers of the block, in single precision and without branches, so that they become vectors. */

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { CARRIERS = 3, LINES = 4, LEVELS = 3, BLOCK = 512 };
#define STEP 0x9E3779B97F4A7C15u
#define EACH for (int i = 0; i < size; i++)

/* What all customers share; filled by c_market.py in this order. */
typedef struct {
    float price[CARRIERS][LINES], quality[CARRIERS][LINES];
    float service[CARRIERS], image[CARRIERS], hassle[CARRIERS], usual[CARRIERS];
    float quality_weight, satisfaction_weight, image_weight, saturation, service_share, noise, memory;
    float expectation_weight, desire_weight, desire, speed, kept;
} Terms;

/* Arrays of the whole city, customers last. */
typedef struct {
    const int8_t *carrier;
    const float *demand, *satisfaction, *expectation, *goodwill;
    const float *price_sensitivity, *rapport_weight, *hassle_weight, *switching_cost, *level_weight;
} City;

typedef struct {
    int32_t carrier[LINES][BLOCK];
    float demand[LINES][BLOCK];
    float satisfaction[CARRIERS][BLOCK], expectation[CARRIERS][BLOCK], goodwill[CARRIERS][LEVELS][BLOCK];
    float price_sensitivity[BLOCK], rapport_weight[BLOCK], hassle_weight[BLOCK], switching_cost[BLOCK];
    float level_weight[LEVELS][BLOCK];
    float common[CARRIERS][BLOCK], draw[BLOCK], served[BLOCK], quality[BLOCK];
} Block;

/* exp for |x| < 87: 2 to a whole power by its exponent bits, times a polynomial on [-ln 2 / 2, ln 2 / 2]. */
static inline float fast_exp(float x)
{
    float whole = rintf(x * 1.44269504f);
    float r = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
    float sum = 1.0f / 720;
    sum = sum * r + 1.0f / 120;
    sum = sum * r + 1.0f / 24;
    sum = sum * r + 1.0f / 6;
    sum = sum * r + 0.5f;
    sum = sum * r + 1.0f;
    sum = sum * r + 1.0f;
    int32_t bits = ((int32_t)whole + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return sum * power;
}

static inline uint64_t mixed(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* One uniform draw in (0, 1) a customer, hashed by SplitMix64 from its number and the key of seed, month and purpose. */
static void fill_draws(float *draw, uint64_t first, uint64_t seed, int month, int purpose, int size)
{
    uint64_t key = mixed(mixed(seed + STEP) + 64u * (uint64_t)month + (uint64_t)purpose);
    EACH draw[i] = ((float)(int32_t)(mixed(key + (first + (uint64_t)i) * STEP) >> 41) + 0.5f) * 0x1p-23f;
}

static void experience(Block *restrict b, const Terms *restrict t, int c, int size)
{
    const float spread = t->noise * 3.46410162f, lead = 1 - t->memory, speed = t->speed;
    const float share = 1 - t->service_share, service = t->service_share * t->service[c];
    float *served = b->served, *sum = b->quality;
    memset(served, 0, sizeof b->served);
    memset(sum, 0, sizeof b->quality);
    for (int l = 0; l < LINES; l++) {
        const float quality = t->quality[c][l];
        EACH {
            float here = b->carrier[l][i] == c ? 1.0f : 0.0f;
            served[i] += here;
            sum[i] += here * quality;
        }
    }
    EACH {
        int here = served[i] > 0;
        float mean = sum[i] / (here ? served[i] : 1.0f);
        float seen = share * mean + service + spread * (b->draw[i] - 0.5f);
        float felt = b->satisfaction[c][i], expected = b->expectation[c][i];
        float target = seen + t->expectation_weight * (seen - expected) + t->desire_weight * (seen - t->desire);
        float moved = t->memory * felt + lead * target;
        moved = moved < 0 ? 0 : moved;
        moved = moved > 1 ? 1 : moved;
        float learned = expected + speed * (seen - expected);
        b->satisfaction[c][i] = here ? moved : felt;
        b->expectation[c][i] = here ? learned : expected;
    }
}

static void value(Block *restrict b, const Terms *restrict t, int c, int size)
{
    const float held = (1 - t->kept) * t->usual[c];
    EACH {
        float known = 0;
        for (int level = 0; level < LEVELS; level++) {
            float goodwill = b->goodwill[c][level][i] * t->kept + held;
            b->goodwill[c][level][i] = goodwill;
            known += b->level_weight[level][i] * (1 - fast_exp(-t->saturation * goodwill));
        }
        b->common[c][i] = t->satisfaction_weight * b->satisfaction[c][i] + b->rapport_weight[i] * known
            + t->image_weight * t->image[c] - b->hassle_weight[i] * t->hassle[c];
    }
}

static inline float bounded(float x)
{
    x = x < -80 ? -80 : x;
    return x > 80 ? 80 : x;
}

/* Odds are taken against the own carrier's; the switching cost counts for the present carrier instead of against the
   others. */
static void choose(Block *restrict b, const Terms *restrict t, int l, int size, double *revenue, int64_t *own, int64_t *switched)
{
    const float quality1 = t->quality_weight * (t->quality[1][l] - t->quality[0][l]);
    const float quality2 = t->quality_weight * (t->quality[2][l] - t->quality[0][l]);
    const float price1 = logf(t->price[1][l] / t->price[0][l]), price2 = logf(t->price[2][l] / t->price[0][l]);
    float paid0 = 0, paid1 = 0, paid2 = 0;
    int32_t ours = 0, gone = 0;
#pragma omp simd reduction(+ : paid0, paid1, paid2, ours, gone)
    EACH {
        int32_t current = b->carrier[l][i];
        float cost = b->switching_cost[i], away = current == 0 ? cost : 0.0f;
        float stay1 = current == 1 ? cost : 0.0f, stay2 = current == 2 ? cost : 0.0f;
        float common = b->common[0][i], sensitivity = b->price_sensitivity[i];
        float odds1 = fast_exp(bounded(b->common[1][i] - common + quality1 - sensitivity * price1 + stay1 - away));
        float odds2 = fast_exp(bounded(b->common[2][i] - common + quality2 - sensitivity * price2 + stay2 - away));
        float point = b->draw[i] * (1 + odds1 + odds2);
        int32_t next = (point >= 1 ? 1 : 0) + (point >= 1 + odds1 ? 1 : 0);
        b->carrier[l][i] = next;
        float spend = b->demand[l][i];
        paid0 += next == 0 ? spend : 0.0f;
        paid1 += next == 1 ? spend : 0.0f;
        paid2 += next == 2 ? spend : 0.0f;
        ours += next == 0 ? 1 : 0;
        gone += next != current ? 1 : 0;
    }
    revenue[0] += paid0 * t->price[0][l];
    revenue[1] += paid1 * t->price[1][l];
    revenue[2] += paid2 * t->price[2][l];
    *own += ours;
    *switched += gone;
}

static void take(float *rows, const float *from, int count, int64_t customers, int64_t first, int size)
{
    for (int row = 0; row < count; row++)
        memcpy(rows + row * BLOCK, from + row * customers + first, (size_t)size * sizeof *rows);
}

static void enter(Block *b, const City *city, int64_t customers, int64_t first, int size)
{
    for (int l = 0; l < LINES; l++)
        EACH b->carrier[l][i] = city->carrier[l * customers + first + i];
    take(b->demand[0], city->demand, LINES, customers, first, size);
    take(b->satisfaction[0], city->satisfaction, CARRIERS, customers, first, size);
    take(b->expectation[0], city->expectation, CARRIERS, customers, first, size);
    take(b->goodwill[0][0], city->goodwill, CARRIERS * LEVELS, customers, first, size);
    take(b->price_sensitivity, city->price_sensitivity, 1, customers, first, size);
    take(b->rapport_weight, city->rapport_weight, 1, customers, first, size);
    take(b->hassle_weight, city->hassle_weight, 1, customers, first, size);
    take(b->switching_cost, city->switching_cost, 1, customers, first, size);
    take(b->level_weight[0], city->level_weight, LEVELS, customers, first, size);
}

/* Revenue has shape (months, carriers), own and switched lines (months,); all three start at nil. */
void live(const Terms *t, const City *city, int64_t customers, int months, uint64_t seed, double *revenue, int64_t *own,
          int64_t *switched)
{
    static _Thread_local Block b;
    for (int64_t first = 0; first < customers; first += BLOCK) {
        int size = customers - first < BLOCK ? (int)(customers - first) : BLOCK;
        enter(&b, city, customers, first, size);
        for (int month = 0; month < months; month++) {
            for (int c = 0; c < CARRIERS; c++) {
                fill_draws(b.draw, (uint64_t)first, seed, month, c, size);
                experience(&b, t, c, size);
                value(&b, t, c, size);
            }
            for (int l = 0; l < LINES; l++) {
                fill_draws(b.draw, (uint64_t)first, seed, month, CARRIERS + l, size);
                choose(&b, t, l, size, revenue + month * CARRIERS, own + month, switched + month);
            }
        }
    }
}
