/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* JSON → JSON with one token changed, so that more of what libFuzzer tries gets
 * past the parser. Two of three times; else its own mutations. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#define MAX_TOKENS 2048

size_t LLVMFuzzerMutate (uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator (
    uint8_t *data, size_t size, size_t max_size, unsigned int seed);

typedef struct
{
  gsize pos, size;
} Token;

static const gchar *const hostile[] = { "0", "-1", "1", "2", "3", "4", "7",
  "12", "13", "64", "255", "65536", "1048576", "2147483647", "2147483648",
  "-2147483648", "4294967296", "1099511627776", "9223372036854775807",
  "-9223372036854775808", "9223372036854775808", "18446744073709551615",
  "1e308", "-1e308", "1e-320", "1e999", "0.5", "nan", "null", "true", "\"\"",
  "[]", "{}", "[0]", "[-1, -1]" };

static gboolean
is_number (guint8 c)
{
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e';
}

static gsize
measure_string (const guint8 *data, gsize size)
{
  gsize i = 1;

  while (i < size && data[i] != '"')
    i += data[i] == '\\' ? 2 : 1;
  return MIN (i + 1, size);
}

/* A list or object up to its end; strings in it may hold brackets. */
static gsize
measure_group (const guint8 *data, gsize size)
{
  gint depth = 0;

  for (gsize i = 0; i < size;) {
    if (data[i] == '"') {
      i += measure_string (data + i, size - i);
      continue;
    }
    depth += data[i] == '[' || data[i] == '{';
    depth -= data[i] == ']' || data[i] == '}';
    i++;
    if (depth == 0)
      return i;
  }
  return size;
}

/* Every token, those inside others too; numbers also where they stand in a
 * string, as in attributes. */
static guint
find_tokens (const guint8 *data, gsize size, Token *tokens)
{
  guint n = 0;

  for (gsize i = 0; i < size && n < MAX_TOKENS; i++) {
    Token token = { i, 0 };
    if (data[i] == '"')
      token.size = measure_string (data + i, size - i);
    else if (data[i] == '[' || data[i] == '{')
      token.size = measure_group (data + i, size - i);
    else if (i == 0 || !is_number (data[i - 1]))
      while (i + token.size < size && is_number (data[i + token.size]))
        token.size++;
    if (token.size > 0)
      tokens[n++] = token;
  }
  return n;
}

/* The bytes that a token becomes. (transfer full) */
static GBytes *
choose_bytes (
    GRand *rand, const guint8 *data, const Token *tokens, guint n, gsize old)
{
  const Token *other = &tokens[g_rand_int_range (rand, 0, n)];
  const gchar *number;
  gchar *twice;

  switch (g_rand_int_range (rand, 0, 8)) {
    case 0:
    case 1:
    case 2:
      number = hostile[g_rand_int_range (rand, 0, G_N_ELEMENTS (hostile))];
      return g_bytes_new (number, strlen (number));
    case 3: /* what it was, again */
      twice = g_strdup_printf ("%.*s, %.*s", (gint) tokens[old].size,
          data + tokens[old].pos, (gint) tokens[old].size,
          data + tokens[old].pos);
      return g_bytes_new_take (twice, strlen (twice));
    case 4:
      return g_bytes_new ("", 0);
    default:
      return g_bytes_new (data + other->pos, other->size);
  }
}

/* A token that goes takes its comma along. */
static gsize
find_end (const guint8 *data, gsize size, const Token *token, gsize n_new)
{
  gsize end = token->pos + token->size;

  if (n_new > 0)
    return end;
  while (end < size && (data[end] == ' ' || data[end] == ','))
    end++;
  return end;
}

size_t
LLVMFuzzerCustomMutator (
    uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autofree Token *tokens = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gconstpointer text;
  gsize n_text, end, total;
  guint n, at;

  if (seed % 3 == 0)
    return LLVMFuzzerMutate (data, size, max_size);
  tokens = g_new (Token, MAX_TOKENS);
  n = find_tokens (data, size, tokens);
  if (n == 0)
    return LLVMFuzzerMutate (data, size, max_size);
  at = g_rand_int_range (rand, 0, n);
  bytes = choose_bytes (rand, data, tokens, n, at);
  text = g_bytes_get_data (bytes, &n_text);
  end = find_end (data, size, &tokens[at], n_text);
  total = tokens[at].pos + n_text + (size - end);
  if (total > max_size || total == 0)
    return LLVMFuzzerMutate (data, size, max_size);
  memmove (data + tokens[at].pos + n_text, data + end, size - end);
  if (n_text > 0)
    memcpy (data + tokens[at].pos, text, n_text);
  return total;
}
